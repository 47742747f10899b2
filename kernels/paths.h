/* Paths: reads SVG path data (the attribute `d`) and converts it into polylines. */

typedef struct {
    double x, y;
} Point;

/* The points of a path in pixels, relative to its origin. */
typedef struct {
    Point *points;
    u32 *starts, point_count, subpath_count; /* `starts` are the indexes of the first points of the subpaths. */
    u8 *closed;
    double top, bottom, scale; /* The rows that it covers; pixels per unit of the path. */
} Shape;

/* The path that is being read. */
static Point *points;
static u32 point_count, point_capacity;
static u32 *starts, subpath_count, subpath_capacity;
static u8 *closed;
static double path_scale;

/* Copy `used` bytes to a new allocation of `wanted` bytes. */
static void *grow(void *old, u32 used, u32 wanted) {
    u8 *copy = alloc(wanted);
    __builtin_memcpy(copy, old, used);
    return copy;
}

static void add_point(double x, double y) {
    if (point_count == point_capacity) {
        points = grow(
            points, point_count * sizeof(Point), (point_capacity ? point_capacity * 2 : 4096) * sizeof(Point)
        );
        point_capacity = point_capacity ? point_capacity * 2 : 4096;
    }
    points[point_count++] = (Point){x * path_scale, y * path_scale};
}

static void begin_subpath(double x, double y) {
    if (subpath_count == subpath_capacity) {
        u32 capacity = subpath_capacity ? subpath_capacity * 2 : 256;
        starts = grow(starts, subpath_count * sizeof(u32), capacity * sizeof(u32));
        closed = grow(closed, subpath_count, capacity);
        subpath_capacity = capacity;
    }
    starts[subpath_count] = point_count, closed[subpath_count] = 0, subpath_count++;
    add_point(x, y);
}

/* Add a cubic Bézier curve from p to q with the control points a and b. */
static void add_cubic(Point p, Point a, Point b, Point q) {
    double bend = fabs(p.x - 2 * a.x + b.x) + fabs(p.y - 2 * a.y + b.y)
                  + fabs(a.x - 2 * b.x + q.x) + fabs(a.y - 2 * b.y + q.y);
    int pieces = 1 + (int)sqrt(bend * path_scale * 3);
    if (pieces > 64) pieces = 64;
    for (int piece = 1; piece < pieces; piece++) {
        double t = (double)piece / pieces, u = 1 - t;
        double i = u * u * u, j = 3 * u * u * t, k = 3 * u * t * t, l = t * t * t;
        add_point(i * p.x + j * a.x + k * b.x + l * q.x, i * p.y + j * a.y + k * b.y + l * q.y);
    }
    add_point(q.x, q.y);
}

static void add_quadratic(Point p, Point a, Point q) {
    Point b = {p.x + (a.x - p.x) * 2 / 3, p.y + (a.y - p.y) * 2 / 3};
    Point c = {q.x + (a.x - q.x) * 2 / 3, q.y + (a.y - q.y) * 2 / 3};
    add_cubic(p, b, c, q);
}

/* Add the arc of an ellipse around (cx, cy), bisected `depth` times. u and v are its ends on the unit circle, less
 * than half a turn apart. */
static void add_arc_part(Point u, Point v, double cx, double cy, double rx, double ry, int depth) {
    double mx = u.x + v.x, my = u.y + v.y, length = sqrt(mx * mx + my * my);
    if (depth == 0 || length < 1e-9) {
        add_point(cx + v.x * rx, cy + v.y * ry);
        return;
    }
    Point middle = {mx / length, my / length};
    add_arc_part(u, middle, cx, cy, rx, ry, depth - 1);
    add_arc_part(middle, v, cx, cy, rx, ry, depth - 1);
}

/* Add an elliptical arc from p to q (SVG 1.1, F.6.5; the ellipse is not rotated). */
static void add_arc(Point p, double rx, double ry, int large, int sweep, Point q) {
    if (rx == 0 || ry == 0 || (p.x == q.x && p.y == q.y)) {
        add_point(q.x, q.y);
        return;
    }
    double x = (p.x - q.x) / 2 / rx, y = (p.y - q.y) / 2 / ry, square = x * x + y * y;
    if (square > 1) { /* The radii are too small: they are scaled up (F.6.6). */
        double factor = sqrt(square);
        rx *= factor, ry *= factor, x /= factor, y /= factor, square = 1;
    }
    double offset = sqrt(max(1 - square, 0) / square) * (large == sweep ? -1 : 1);
    Point center = {offset * y, -offset * x};
    double cx = center.x * rx + (p.x + q.x) / 2, cy = center.y * ry + (p.y + q.y) / 2;
    Point u = {x - center.x, y - center.y}, v = {-x - center.x, -y - center.y};
    /* Arcs of half a turn or more are split into quarter turns and a rest. */
    double cross = u.x * v.y - u.y * v.x;
    int is_half_turn = sweep ? cross <= 1e-12 : cross >= -1e-12;
    int depth = rx * path_scale > 24 ? 5 : 4;
    if (is_half_turn) {
        Point side = sweep ? (Point){-u.y, u.x} : (Point){u.y, -u.x};
        add_arc_part(u, side, cx, cy, rx, ry, depth);
        double rest = side.x * v.y - side.y * v.x;
        if (sweep ? rest <= 1e-12 : rest >= -1e-12) {
            Point back = {-u.x, -u.y};
            add_arc_part(side, back, cx, cy, rx, ry, depth);
            side = back;
        }
        add_arc_part(side, v, cx, cy, rx, ry, depth);
        return;
    }
    add_arc_part(u, v, cx, cy, rx, ry, depth);
}

static const u8 *text, *text_end;

/* Skip separators, and return whether a number follows. */
static int number_follows(void) {
    while (text < text_end && (*text == ' ' || *text == ',' || *text == '\n')) text++;
    return text < text_end && (*text == '-' || *text == '.' || (*text >= '0' && *text <= '9'));
}

static double read_number(void) {
    number_follows();
    double sign = 1, value = 0, divisor = 1;
    if (text < text_end && *text == '-') sign = -1, text++;
    while (text < text_end && *text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
    if (text < text_end && *text == '.') {
        text++;
        while (text < text_end && *text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0'), divisor *= 10;
    }
    return sign * value / divisor;
}

static int read_flag(void) {
    number_follows();
    return text < text_end && *text++ == '1';
}

/* Read path data into `points`, until its end or the first mistake. */
static void read_path(const u8 *data, u32 length) {
    Point current = {0, 0}, subpath_start = {0, 0};
    u8 command = 0;
    text = data, text_end = data + length, point_count = subpath_count = 0;
    for (;;) {
        int repeats = number_follows(); /* Further numbers repeat the command. */
        if (text >= text_end) break;
        if (!repeats) command = *text++;
        int relative = command >= 'a';
        double bx = relative ? current.x : 0, by = relative ? current.y : 0;
        switch (command & ~32) {
        case 'M':
            current.x = bx + read_number(), current.y = by + read_number(), subpath_start = current;
            begin_subpath(current.x, current.y);
            command = relative ? 'l' : 'L';
            break;
        case 'L':
            current.x = bx + read_number(), current.y = by + read_number();
            add_point(current.x, current.y);
            break;
        case 'H': current.x = bx + read_number(), add_point(current.x, current.y); break;
        case 'V': current.y = by + read_number(), add_point(current.x, current.y); break;
        case 'Q': {
            Point a = {bx + read_number(), by + read_number()}, q = {bx + read_number(), by + read_number()};
            add_quadratic(current, a, q), current = q;
            break;
        }
        case 'C': {
            Point a = {bx + read_number(), by + read_number()}, b = {bx + read_number(), by + read_number()};
            Point q = {bx + read_number(), by + read_number()};
            add_cubic(current, a, b, q), current = q;
            break;
        }
        case 'A': {
            double rx = read_number(), ry = read_number();
            read_number(); /* The rotation, which is always 0. */
            int large = read_flag(), sweep = read_flag();
            Point q = {bx + read_number(), by + read_number()};
            add_arc(current, rx, ry, large, sweep, q), current = q;
            break;
        }
        case 'Z':
            if (subpath_count) closed[subpath_count - 1] = 1;
            current = subpath_start;
            break;
        default: return;
        }
        if ((command & ~32) != 'Z' && (command & ~32) != 'M' && subpath_count == 0) return;
    }
}

/* Shapes are cached by path and scale, because the glyphs of a text repeat. */

#define BUCKETS 1024
static struct CachedShape {
    const u8 *path;
    Shape *shape;
    struct CachedShape *next;
} *cache[BUCKETS];

static void reset_paths(void) {
    set_zero(cache, sizeof cache);
    points = 0, point_count = point_capacity = 0, starts = 0, closed = 0, subpath_count = subpath_capacity = 0;
}

/* Return the shape of a path at a scale. */
static Shape *get_shape(const u8 *path, u32 length, double scale) {
    struct CachedShape **bucket = &cache[((size)path >> 4) % BUCKETS], *entry;
    for (entry = *bucket; entry; entry = entry->next)
        if (entry->path == path && entry->shape->scale == scale) return entry->shape;
    path_scale = scale;
    read_path(path, length);
    Shape *shape = alloc(sizeof(Shape));
    *shape = (Shape){
        alloc(point_count * sizeof(Point)), alloc(subpath_count * sizeof(u32)), point_count, subpath_count,
        alloc(subpath_count), 1e9, -1e9, scale,
    };
    __builtin_memcpy(shape->points, points, point_count * sizeof(Point));
    __builtin_memcpy(shape->starts, starts, subpath_count * sizeof(u32));
    __builtin_memcpy(shape->closed, closed, subpath_count);
    for (u32 i = 0; i < point_count; i++)
        shape->top = min(shape->top, points[i].y), shape->bottom = max(shape->bottom, points[i].y);
    entry = alloc(sizeof *entry);
    *entry = (struct CachedShape){path, shape, *bucket};
    *bucket = entry;
    return shape;
}
