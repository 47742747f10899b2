/* Shapes on the canvas, filled or stroked.
 *
 * Strokes: each stretch a rectangle, each corner a wedge on its outer side, all turning one way.
 */

static u32 end_of(const Shape *shape, u32 subpath) {
    return subpath + 1 < shape->subpaths ? shape->starts[subpath + 1] : shape->count;
}

/* Draw a shape with its origin at (x, y). */
static void fill(const Shape *shape, double x, double y, Colour c) {
    for (u32 at = 0; at < shape->subpaths; at++) {
        const Point *p = shape->points + shape->starts[at];
        u32 many = end_of(shape, at) - shape->starts[at];
        for (u32 k = 0; many > 1 && k < many; k++) {
            Point a = p[k], b = p[k + 1 < many ? k + 1 : 0];
            edge(a.x + x, a.y + y, b.x + x, b.y + y);
        }
    }
    paint(c);
}


static double half;
static int round_caps, round_joins;
static Point *moved; /* Room for the points of one shape, moved to where it stands. */

static void triangle(Point a, Point b, Point c) {
    double turn = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (turn < 0) {
        Point swap = b;
        b = c, c = swap;
    }
    edge(a.x, a.y, b.x, b.y), edge(b.x, b.y, c.x, c.y), edge(c.x, c.y, a.x, a.y);
}

static void stretch(Point p, Point q, Point along) {
    Point n = {-along.y * half, along.x * half};
    edge(p.x + n.x, p.y + n.y, p.x - n.x, p.y - n.y), edge(p.x - n.x, p.y - n.y, q.x - n.x, q.y - n.y);
    edge(q.x - n.x, q.y - n.y, q.x + n.x, q.y + n.y), edge(q.x + n.x, q.y + n.y, p.x + n.x, p.y + n.y);
}

/* A fan around p from direction u to v (unit vectors, less than a half turn apart). */
static void fan(Point p, Point u, Point v, int depth) {
    double mx = u.x + v.x, my = u.y + v.y, length = root(mx * mx + my * my);
    if (depth == 0 || length < 1e-9) {
        Point a = {p.x + u.x * half, p.y + u.y * half}, b = {p.x + v.x * half, p.y + v.y * half};
        triangle(p, a, b);
        return;
    }
    Point middle = {mx / length, my / length};
    fan(p, u, middle, depth - 1), fan(p, middle, v, depth - 1);
}

static void corner(Point p, Point in, Point out) {
    double cross = in.x * out.y - in.y * out.x, dot = in.x * out.x + in.y * out.y;
    if (size_of(cross) < 1e-6 && dot > 0) return;
    double side = cross > 0 ? -1 : 1; /* The outer side of the turn. */
    Point u = {-in.y * side, in.x * side}, v = {-out.y * side, out.x * side};
    if (round_joins) {
        fan(p, u, v, 3);
        return;
    }
    Point a = {p.x + u.x * half, p.y + u.y * half}, b = {p.x + v.x * half, p.y + v.y * half};
    triangle(p, a, b);
    double share = (1 + dot) / 2; /* The square of the cosine of half the turn. */
    if (share * 16 < 1) return;   /* SVG's miter limit, 4. */
    double mx = u.x + v.x, my = u.y + v.y, length = root(mx * mx + my * my);
    if (length < 1e-9) return;
    double reach = half / root(share);
    Point tip = {p.x + mx / length * reach, p.y + my / length * reach};
    triangle(a, tip, b);
}

static void cap(Point p, Point away) {
    Point side = {-away.y, away.x}, other = {away.y, -away.x};
    if (round_caps) fan(p, side, away, 3), fan(p, away, other, 3);
}

static int unit(Point p, Point q, Point *along, double *length) {
    double dx = q.x - p.x, dy = q.y - p.y;
    *length = root(dx * dx + dy * dy);
    if (*length < 1e-6) return 0;
    *along = (Point){dx / *length, dy / *length};
    return 1;
}

/* Whether a strip holds none of what is drawn around p and q. */
static int elsewhere(Point p, Point q) {
    double reach = half * 4; /* SVG's miter limit. */
    return most(p.y, q.y) + reach < first || least(p.y, q.y) - reach > beyond;
}

/* A run of points, as one piece of a stroke. */
static void run(const Point *p, u32 many, int loop) {
    Point start = {0, 0}, before = {0, 0}, along;
    double length;
    int drawn = 0;
    u32 stretches = loop ? many : many - 1;
    for (u32 at = 0; at < stretches; at++) {
        Point a = p[at], b = p[at + 1 < many ? at + 1 : 0];
        if (!unit(a, b, &along, &length)) continue;
        if (!elsewhere(a, b)) {
            stretch(a, b, along);
            if (drawn) corner(a, before, along);
        }
        if (!drawn) start = along;
        before = along, drawn = 1;
    }
    if (!drawn) return;
    if (loop) corner(p[0], before, start);
    else {
        Point back = {-start.x, -start.y};
        cap(p[0], back), cap(p[many - 1], before);
    }
}

static void dashed(const Point *p, u32 many, int loop, const double *dash, u32 dashes, double scale) {
    static Point piece[512];
    u32 held = 0, turn = 0;
    double left = dash[0] * scale;
    int on = 1;
    Point along;
    double length;
    u32 stretches = loop ? many : many - 1;
    for (u32 at = 0; at < stretches; at++) {
        Point a = p[at], b = p[at + 1 < many ? at + 1 : 0];
        if (!unit(a, b, &along, &length)) continue;
        double gone = 0;
        if (on && !held) piece[held++] = a;
        while (length - gone > left) {
            gone += left;
            Point here = {a.x + along.x * gone, a.y + along.y * gone};
            if (on) {
                piece[held++] = here;
                run(piece, held, 0);
                held = 0;
            } else piece[0] = here, held = 1;
            on = !on, turn = (turn + 1) % dashes, left = dash[turn] * scale;
            if (left < 0.05) left = 0.05;
        }
        left -= length - gone;
        if (on && held < 500) piece[held++] = b;
    }
    if (on && held > 1) run(piece, held, 0);
}

/* Draw a shape's line, `width` pixels wide, dashes in the shape's units. */
static void stroke(const Shape *shape, double x, double y, Colour c, double width, const double *dash, u32 dashes) {
    half = width / 2;
    for (u32 at = 0; at < shape->subpaths; at++) {
        const Point *p = shape->points + shape->starts[at];
        u32 many = end_of(shape, at) - shape->starts[at];
        if (many < 2) continue;
        for (u32 k = 0; k < many; k++) moved[k] = (Point){p[k].x + x, p[k].y + y};
        if (dashes) dashed(moved, many, shape->closed[at], dash, dashes, shape->factor);
        else run(moved, many, shape->closed[at]);
    }
    paint(c);
}
