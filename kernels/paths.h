/* Paths: what SVG's `d` says, as points. */

typedef struct {
    double x, y;
} Point;

/* A path's points: scaled, and not yet moved to where it stands. */
typedef struct {
    Point *points;
    u32 *starts, count, subpaths;
    u8 *closed;
    double top, bottom, factor; /* Its rows; pixels for each of its units. */
} Shape;

static Point *points; /* Of the path that is read; then of the shape that is drawn. */
static u32 count, room;
static u32 *starts, subpaths, most_subpaths;
static u8 *closed;
static double shift_x, shift_y, factor;

static void *larger(void *old, u32 bytes, u32 wanted) {
    u8 *made = alloc(wanted);
    __builtin_memcpy(made, old, bytes);
    return made;
}

static void put(double x, double y) {
    if (count == room) {
        points = larger(points, count * sizeof(Point), (room ? room * 2 : 4096) * sizeof(Point));
        room = room ? room * 2 : 4096;
    }
    points[count++] = (Point){x * factor, y * factor};
}

static void begin(double x, double y) {
    if (subpaths == most_subpaths) {
        u32 wanted = most_subpaths ? most_subpaths * 2 : 256;
        starts = larger(starts, subpaths * sizeof(u32), wanted * sizeof(u32));
        closed = larger(closed, subpaths, wanted);
        most_subpaths = wanted;
    }
    starts[subpaths] = count, closed[subpaths] = 0, subpaths++;
    put(x, y);
}

static void cubic(Point p, Point a, Point b, Point q) {
    double bend = size_of(p.x - 2 * a.x + b.x) + size_of(p.y - 2 * a.y + b.y)
                  + size_of(a.x - 2 * b.x + q.x) + size_of(a.y - 2 * b.y + q.y);
    int pieces = 1 + (int)root(bend * factor * 3);
    if (pieces > 64) pieces = 64;
    for (int at = 1; at < pieces; at++) {
        double t = (double)at / pieces, u = 1 - t;
        double i = u * u * u, j = 3 * u * u * t, k = 3 * u * t * t, l = t * t * t;
        put(i * p.x + j * a.x + k * b.x + l * q.x, i * p.y + j * a.y + k * b.y + l * q.y);
    }
    put(q.x, q.y);
}

static void quadratic(Point p, Point a, Point q) {
    Point b = {p.x + (a.x - p.x) * 2 / 3, p.y + (a.y - p.y) * 2 / 3};
    Point c = {q.x + (a.x - q.x) * 2 / 3, q.y + (a.y - q.y) * 2 / 3};
    cubic(p, b, c, q);
}

/* A part of the unit circle from u to v (by less than a half turn), halved until it is flat. */
static void bow(Point u, Point v, double cx, double cy, double rx, double ry, int depth) {
    double mx = u.x + v.x, my = u.y + v.y, length = root(mx * mx + my * my);
    if (depth == 0 || length < 1e-9) {
        put(cx + v.x * rx, cy + v.y * ry);
        return;
    }
    Point middle = {mx / length, my / length};
    bow(u, middle, cx, cy, rx, ry, depth - 1);
    bow(middle, v, cx, cy, rx, ry, depth - 1);
}

/* SVG 1.1, F.6.5, for an ellipse that is not turned. */
static void arc(Point p, double rx, double ry, int large, int sweep, Point q) {
    if (rx == 0 || ry == 0 || (p.x == q.x && p.y == q.y)) {
        put(q.x, q.y);
        return;
    }
    double x = (p.x - q.x) / 2 / rx, y = (p.y - q.y) / 2 / ry, square = x * x + y * y;
    if (square > 1) {
        double more = root(square);
        rx *= more, ry *= more, x /= more, y /= more, square = 1;
    }
    double away = root(most(1 - square, 0) / square) * (large == sweep ? -1 : 1);
    Point centre = {away * y, -away * x};
    double cx = centre.x * rx + (p.x + q.x) / 2, cy = centre.y * ry + (p.y + q.y) / 2;
    Point u = {x - centre.x, y - centre.y}, v = {-x - centre.x, -y - centre.y};
    /* Half turns and more are parted at the side that the sweep passes. */
    double cross = u.x * v.y - u.y * v.x;
    int wide_ = sweep ? cross <= 1e-12 : cross >= -1e-12;
    int depth = rx * factor > 24 ? 5 : 4;
    if (wide_) {
        Point side = sweep ? (Point){-u.y, u.x} : (Point){u.y, -u.x};
        bow(u, side, cx, cy, rx, ry, depth);
        double rest = side.x * v.y - side.y * v.x;
        if (sweep ? rest <= 1e-12 : rest >= -1e-12) {
            Point back = {-u.x, -u.y};
            bow(side, back, cx, cy, rx, ry, depth);
            side = back;
        }
        bow(side, v, cx, cy, rx, ry, depth);
        return;
    }
    bow(u, v, cx, cy, rx, ry, depth);
}

static const u8 *text, *text_end;

static int more(void) {
    while (text < text_end && (*text == ' ' || *text == ',' || *text == '\n')) text++;
    return text < text_end && (*text == '-' || *text == '.' || (*text >= '0' && *text <= '9'));
}

static double number(void) {
    more();
    double sign = 1, value = 0, place = 1;
    if (text < text_end && *text == '-') sign = -1, text++;
    while (text < text_end && *text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
    if (text < text_end && *text == '.') {
        text++;
        while (text < text_end && *text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0'), place *= 10;
    }
    return sign * value / place;
}

static int flag(void) {
    more();
    return text < text_end && *text++ == '1';
}

static void read_path(const u8 *at, u32 length) {
    Point here = {0, 0}, home = {0, 0};
    u8 letter = 0;
    text = at, text_end = at + length, count = subpaths = 0;
    for (;;) {
        int goes_on = more();
        if (text >= text_end) break;
        if (!goes_on) letter = *text++;
        int relative = letter >= 'a';
        double bx = relative ? here.x : 0, by = relative ? here.y : 0;
        switch (letter & ~32) {
        case 'M':
            here.x = bx + number(), here.y = by + number(), home = here;
            begin(here.x, here.y);
            letter = relative ? 'l' : 'L';
            break;
        case 'L': here.x = bx + number(), here.y = by + number(), put(here.x, here.y); break;
        case 'H': here.x = bx + number(), put(here.x, here.y); break;
        case 'V': here.y = by + number(), put(here.x, here.y); break;
        case 'Q': {
            Point a = {bx + number(), by + number()}, q = {bx + number(), by + number()};
            quadratic(here, a, q), here = q;
            break;
        }
        case 'C': {
            Point a = {bx + number(), by + number()}, b = {bx + number(), by + number()};
            Point q = {bx + number(), by + number()};
            cubic(here, a, b, q), here = q;
            break;
        }
        case 'A': {
            double rx = number(), ry = number();
            number();
            int large = flag(), sweep = flag();
            Point q = {bx + number(), by + number()};
            arc(here, rx, ry, large, sweep, q), here = q;
            break;
        }
        case 'Z':
            if (subpaths) closed[subpaths - 1] = 1;
            here = home;
            break;
        default: return;
        }
        if ((letter & ~32) != 'Z' && (letter & ~32) != 'M' && subpaths == 0) return;
    }
}

/* The points of a path at a scale, kept: of a letter they are wanted again and again. */

#define KINDS 1024
static struct Kept {
    const u8 *path;
    Shape *shape;
    struct Kept *next;
} *kept[KINDS];

static void forget(void) {
    clear(kept, sizeof kept);
    points = 0, count = room = 0, starts = 0, closed = 0, subpaths = most_subpaths = 0;
}

static Shape *shape_of(const u8 *path, u32 length, double scale) {
    struct Kept **list = &kept[((size)path >> 4) % KINDS], *one;
    for (one = *list; one; one = one->next)
        if (one->path == path && one->shape->factor == scale) return one->shape;
    factor = scale;
    read_path(path, length);
    Shape *made = alloc(sizeof(Shape));
    *made = (Shape){alloc(count * sizeof(Point)), alloc(subpaths * sizeof(u32)), count, subpaths, alloc(subpaths), 1e9, -1e9, scale};
    __builtin_memcpy(made->points, points, count * sizeof(Point));
    __builtin_memcpy(made->starts, starts, subpaths * sizeof(u32));
    __builtin_memcpy(made->closed, closed, subpaths);
    for (u32 at = 0; at < count; at++)
        made->top = least(made->top, points[at].y), made->bottom = most(made->bottom, points[at].y);
    one = alloc(sizeof *one);
    *one = (struct Kept){path, made, *list};
    *list = one;
    return made;
}
