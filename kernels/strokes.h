/* Fills and strokes shapes on the canvas.
 *
 * A stroke consists of a rectangle for each segment and a wedge on the outer side of each corner, all with the same
 * winding.
 */

/* Return the index after the last point of a subpath. */
static u32 subpath_end(const Shape *shape, u32 subpath) {
    return subpath + 1 < shape->subpath_count ? shape->starts[subpath + 1] : shape->point_count;
}

/* Fill a shape with its origin at (x, y). */
static void fill(const Shape *shape, double x, double y, Color c) {
    for (u32 subpath = 0; subpath < shape->subpath_count; subpath++) {
        const Point *p = shape->points + shape->starts[subpath];
        u32 count = subpath_end(shape, subpath) - shape->starts[subpath];
        for (u32 k = 0; count > 1 && k < count; k++) {
            Point a = p[k], b = p[k + 1 < count ? k + 1 : 0];
            add_edge(a.x + x, a.y + y, b.x + x, b.y + y);
        }
    }
    fill_accumulated(c);
}

#define MITER_LIMIT 4 /* SVG's default. */

static double half_width;
static int round_caps, round_joins;
static Point *moved_points; /* The points of the shape that is stroked, at their position on the canvas. */

static void add_triangle(Point a, Point b, Point c) {
    double turn = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (turn < 0) {
        Point swap = b;
        b = c, c = swap;
    }
    add_edge(a.x, a.y, b.x, b.y), add_edge(b.x, b.y, c.x, c.y), add_edge(c.x, c.y, a.x, a.y);
}

/* Add the segment from p to q; `along` is its direction, a unit vector. */
static void add_segment(Point p, Point q, Point along) {
    Point n = {-along.y * half_width, along.x * half_width};
    add_edge(p.x + n.x, p.y + n.y, p.x - n.x, p.y - n.y), add_edge(p.x - n.x, p.y - n.y, q.x - n.x, q.y - n.y);
    add_edge(q.x - n.x, q.y - n.y, q.x + n.x, q.y + n.y), add_edge(q.x + n.x, q.y + n.y, p.x + n.x, p.y + n.y);
}

/* Add a circular sector around p from direction u to v (unit vectors, less than half a turn apart). */
static void add_sector(Point p, Point u, Point v, int depth) {
    double mx = u.x + v.x, my = u.y + v.y, length = sqrt(mx * mx + my * my);
    if (depth == 0 || length < 1e-9) {
        Point a = {p.x + u.x * half_width, p.y + u.y * half_width};
        Point b = {p.x + v.x * half_width, p.y + v.y * half_width};
        add_triangle(p, a, b);
        return;
    }
    Point middle = {mx / length, my / length};
    add_sector(p, u, middle, depth - 1), add_sector(p, middle, v, depth - 1);
}

/* Add the join at p between segments with the directions `in` and `out`. */
static void add_join(Point p, Point in, Point out) {
    double cross = in.x * out.y - in.y * out.x, dot = in.x * out.x + in.y * out.y;
    if (fabs(cross) < 1e-6 && dot > 0) return;
    double side = cross > 0 ? -1 : 1; /* The outer side of the turn. */
    Point u = {-in.y * side, in.x * side}, v = {-out.y * side, out.x * side};
    if (round_joins) {
        add_sector(p, u, v, 3);
        return;
    }
    Point a = {p.x + u.x * half_width, p.y + u.y * half_width}, b = {p.x + v.x * half_width, p.y + v.y * half_width};
    add_triangle(p, a, b);
    double cos_squared = (1 + dot) / 2; /* The square of the cosine of half the turn. */
    if (cos_squared * (MITER_LIMIT * MITER_LIMIT) < 1) return;
    double mx = u.x + v.x, my = u.y + v.y, length = sqrt(mx * mx + my * my);
    if (length < 1e-9) return;
    double miter_length = half_width / sqrt(cos_squared);
    Point tip = {p.x + mx / length * miter_length, p.y + my / length * miter_length};
    add_triangle(a, tip, b);
}

/* Add the cap at the end p of a line; `away` points out of the line. */
static void add_cap(Point p, Point away) {
    Point left = {-away.y, away.x}, right = {away.y, -away.x};
    if (round_caps) add_sector(p, left, away, 3), add_sector(p, away, right, 3);
}

/* Compute the direction and length of a segment. Return 0 if it is too short to have a direction. */
static int unit_vector(Point p, Point q, Point *along, double *length) {
    double dx = q.x - p.x, dy = q.y - p.y;
    *length = sqrt(dx * dx + dy * dy);
    if (*length < 1e-6) return 0;
    *along = (Point){dx / *length, dy / *length};
    return 1;
}

/* Return whether a segment, with its joins, lies outside the strip. */
static int is_outside_strip(Point p, Point q) {
    double extent = half_width * MITER_LIMIT;
    return max(p.y, q.y) + extent < strip_top || min(p.y, q.y) - extent > strip_bottom;
}

/* Stroke a polyline, or a polygon if `loop` is set. */
static void stroke_polyline(const Point *p, u32 count, int loop) {
    Point start = {0, 0}, before = {0, 0}, along;
    double length;
    int has_segment = 0;
    u32 segments = loop ? count : count - 1;
    for (u32 i = 0; i < segments; i++) {
        Point a = p[i], b = p[i + 1 < count ? i + 1 : 0];
        if (!unit_vector(a, b, &along, &length)) continue;
        if (!is_outside_strip(a, b)) {
            add_segment(a, b, along);
            if (has_segment) add_join(a, before, along);
        }
        if (!has_segment) start = along;
        before = along, has_segment = 1;
    }
    if (!has_segment) return;
    if (loop) add_join(p[0], before, start);
    else {
        Point back = {-start.x, -start.y};
        add_cap(p[0], back), add_cap(p[count - 1], before);
    }
}

/* Stroke the dashes of a polyline. `dash` are lengths of dashes and gaps in turn, in units of `scale` pixels. */
static void stroke_dashes(const Point *p, u32 count, int loop, const double *dash, u32 dash_count, double scale) {
    static Point piece[512];
    u32 piece_count = 0, index = 0;
    double remaining = dash[0] * scale;
    int on = 1;
    Point along;
    double length;
    u32 segments = loop ? count : count - 1;
    for (u32 i = 0; i < segments; i++) {
        Point a = p[i], b = p[i + 1 < count ? i + 1 : 0];
        if (!unit_vector(a, b, &along, &length)) continue;
        double position = 0;
        if (on && !piece_count) piece[piece_count++] = a;
        while (length - position > remaining) {
            position += remaining;
            Point point = {a.x + along.x * position, a.y + along.y * position};
            if (on) {
                piece[piece_count++] = point;
                stroke_polyline(piece, piece_count, 0);
                piece_count = 0;
            } else piece[0] = point, piece_count = 1;
            on = !on, index = (index + 1) % dash_count, remaining = dash[index] * scale;
            if (remaining < 0.05) remaining = 0.05; /* A pattern of zeros would not end. */
        }
        remaining -= length - position;
        if (on && piece_count < 500) piece[piece_count++] = b;
    }
    if (on && piece_count > 1) stroke_polyline(piece, piece_count, 0);
}

/* Stroke a shape with its origin at (x, y); `width` is in pixels, `dash` in the units of the shape. */
static void stroke(const Shape *shape, double x, double y, Color c, double width, const double *dash, u32 dash_count) {
    half_width = width / 2;
    for (u32 subpath = 0; subpath < shape->subpath_count; subpath++) {
        const Point *p = shape->points + shape->starts[subpath];
        u32 count = subpath_end(shape, subpath) - shape->starts[subpath];
        if (count < 2) continue;
        for (u32 k = 0; k < count; k++) moved_points[k] = (Point){p[k].x + x, p[k].y + y};
        if (dash_count) stroke_dashes(moved_points, count, shape->closed[subpath], dash, dash_count, shape->scale);
        else stroke_polyline(moved_points, count, shape->closed[subpath]);
    }
    fill_accumulated(c);
}
