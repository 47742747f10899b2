/* Pictures in pixels: paths filled and stroked with smooth edges, bitmaps laid over, and the whole as PNG's
 * compressed rows. The same bytes on every machine: WebAssembly's numbers are.
 *
 * Built by `python -m kernels.build` into diagramkit/writers/data/painter.wasm. It imports nothing and keeps
 * to its own memory. `diagramkit/writers/painter.py` writes what it reads.
 *
 * Coverage by signed areas, as in Levien's font-rs: each edge leaves in every pixel of its rows how much it
 * covers and how the sum to its right changes; a running sum along the row is the coverage. Overlapping
 * pieces of a stroke all turn the same way, and what is covered twice counts once.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long size;

#define EXPORT(name) __attribute__((export_name(#name)))

extern u8 __heap_base;
static size top;

EXPORT(reset) void reset(void) { top = (size)&__heap_base; }

EXPORT(alloc) void *alloc(size bytes) {
    size at = (top + 15) & ~(size)15;
    top = at + bytes;
    size pages = __builtin_wasm_memory_size(0), wanted = (top + 0xffff) >> 16;
    if (wanted > pages && __builtin_wasm_memory_grow(0, wanted - pages) == (size)-1) __builtin_trap();
    return (void *)at;
}

static void clear(void *at, size bytes) { __builtin_memset(at, 0, bytes); }

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }
static double size_of(double a) { return a < 0 ? -a : a; }
static double root(double a) { return __builtin_sqrt(a); }
static double floor_(double a) { return __builtin_floor(a); }
static double ceil_(double a) { return __builtin_ceil(a); }

/* The canvas: RGBA, straight alpha. */

static u32 wide, high;
static u8 *pixels;
static float *area;      /* One more column than the canvas, all nothing between two fills. */
static int *from, *to;   /* Which columns of each row an edge has touched. */

typedef struct {
    u32 r, g, b, a;
} Colour;

static void blend(u8 *at, Colour c, double coverage) {
    u32 alpha = (u32)(c.a * coverage + 0.5);
    if (!alpha) return;
    if (alpha == 255 || !at[3]) {
        at[0] = c.r, at[1] = c.g, at[2] = c.b, at[3] = alpha;
        return;
    }
    u32 under = at[3] * (255 - alpha) / 255, whole = alpha + under;
    at[0] = (c.r * alpha + at[0] * under + whole / 2) / whole;
    at[1] = (c.g * alpha + at[1] * under + whole / 2) / whole;
    at[2] = (c.b * alpha + at[2] * under + whole / 2) / whole;
    at[3] = whole;
}

static void span(u32 y, int left, int right, Colour c, double coverage) {
    u8 *at = pixels + ((size)y * wide + left) * 4;
    if (c.a == 255 && coverage >= 1) {
        u32 word = c.r | c.g << 8 | c.b << 16 | 0xff000000u, *out = (u32 *)at;
        for (int x = left; x < right; x++) *out++ = word;
        return;
    }
    for (int x = left; x < right; x++, at += 4) blend(at, c, coverage);
}

/* An upright rectangle: its inside whole, its sides by how much of their pixels they cover. */
static void rectangle(double x0, double y0, double x1, double y1, Colour c) {
    x0 = most(x0, 0), y0 = most(y0, 0), x1 = least(x1, wide), y1 = least(y1, high);
    if (x0 >= x1 || y0 >= y1) return;
    int left = (int)ceil_(x0), right = (int)floor_(x1), first = (int)floor_(x0), last = (int)floor_(x1);
    for (int y = (int)floor_(y0); y < (int)ceil_(y1); y++) {
        double part = least(y + 1, y1) - most(y, y0);
        if (first < left) blend(pixels + ((size)y * wide + first) * 4, c, part * (least(left, x1) - x0));
        if (right > left) span(y, left, right, c, part);
        if (last >= left && last < x1 && (last > first || first >= left))
            blend(pixels + ((size)y * wide + last) * 4, c, part * (x1 - last));
    }
}

/* One edge of a path into the areas. */
static void edge(double x0, double y0, double x1, double y1) {
    if (y0 == y1) return;
    double way = 1;
    if (y0 > y1) {
        double x = x0, y = y0;
        x0 = x1, y0 = y1, x1 = x, y1 = y, way = -1;
    }
    if (y1 <= 0 || y0 >= high) return;
    double slope = (x1 - x0) / (y1 - y0), x = x0;
    if (y0 < 0) x -= y0 * slope, y0 = 0;
    if (y1 > high) y1 = high;
    for (int y = (int)y0; y < (int)ceil_(y1); y++) {
        double height = least(y + 1, y1) - most(y, y0), next = x + slope * height;
        double d = height * way, a = least(x, next), b = most(x, next);
        a = least(most(a, 0), wide), b = least(most(b, 0), wide);
        double start = floor_(a);
        int at = (int)start, end = (int)ceil_(b);
        float *row = area + (size)y * (wide + 2);
        if (end <= at + 1) {
            double middle = 0.5 * (a + b) - start;
            row[at] += d - d * middle, row[at + 1] += d * middle;
            end = at + 1;
        } else {
            double s = 1 / (b - a), in = a - start, left = 0.5 * s * (1 - in) * (1 - in);
            double out = b - end + 1, right = 0.5 * s * out * out;
            row[at] += d * left;
            if (end == at + 2) row[at + 1] += d * (1 - left - right);
            else {
                double second = s * (1.5 - in);
                row[at + 1] += d * (second - left);
                for (int k = at + 2; k < end - 1; k++) row[k] += d * s;
                row[end - 1] += d * (1 - (second + (end - at - 3) * s) - right);
            }
            row[end] += d * right;
        }
        if (at < from[y]) from[y] = at;
        if (end > to[y]) to[y] = end;
        x = next;
    }
}

static int first_row, last_row;

static void note_rows(double y0, double y1) {
    int low = (int)most(floor_(least(y0, y1)), 0), high_ = (int)least(ceil_(most(y0, y1)), high);
    if (low < first_row) first_row = low;
    if (high_ > last_row) last_row = high_;
}

static void line(double x0, double y0, double x1, double y1) {
    note_rows(y0, y1);
    edge(x0, y0, x1, y1);
}

/* Paint what the edges enclose, and leave the areas empty. */
static void paint(Colour c) {
    for (int y = first_row; y < last_row; y++) {
        if (to[y] < 0) continue;
        float *row = area + (size)y * (wide + 2);
        double sum = 0;
        int end = to[y] < (int)wide ? to[y] : (int)wide - 1;
        u8 *at = pixels + ((size)y * wide + from[y]) * 4;
        for (int x = from[y]; x <= end; x++, at += 4) {
            sum += row[x], row[x] = 0;
            double coverage = least(size_of(sum), 1);
            if (coverage > 0.002) blend(at, c, coverage > 0.998 ? 1 : coverage);
        }
        row[wide] = row[wide + 1] = 0;
        from[y] = 0x7fffffff, to[y] = -1;
    }
    first_row = 0x7fffffff, last_row = 0;
}

/* Paths: what SVG's `d` says, as points. */

typedef struct {
    double x, y;
} Point;

static Point *points;
static u32 count, room;
static u32 *starts, subpaths, most_subpaths;
static u8 *closed;
static double shift_x, shift_y, factor;

static void *larger(void *old, u32 bytes, u32 wanted) {
    u8 *made = alloc(wanted), *was = old;
    for (u32 at = 0; at < bytes; at++) made[at] = was[at];
    return made;
}

static void put(double x, double y) {
    if (count == room) {
        points = larger(points, count * sizeof(Point), (room ? room * 2 : 4096) * sizeof(Point));
        room = room ? room * 2 : 4096;
    }
    points[count++] = (Point){x * factor + shift_x, y * factor + shift_y};
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

static u32 end_of(u32 subpath) { return subpath + 1 < subpaths ? starts[subpath + 1] : count; }

static void fill(Colour c) {
    for (u32 at = 0; at < subpaths; at++) {
        u32 start = starts[at], end = end_of(at);
        for (u32 k = start; k + 1 < end; k++) line(points[k].x, points[k].y, points[k + 1].x, points[k + 1].y);
        if (end > start + 1) line(points[end - 1].x, points[end - 1].y, points[start].x, points[start].y);
    }
    paint(c);
}

/* Strokes: each stretch a rectangle, each corner a wedge on its outer side, all turning one way. */

static double half;
static int round_caps, round_joins;

static void triangle(Point a, Point b, Point c) {
    double turn = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (turn < 0) {
        Point swap = b;
        b = c, c = swap;
    }
    line(a.x, a.y, b.x, b.y), line(b.x, b.y, c.x, c.y), line(c.x, c.y, a.x, a.y);
}

static void stretch(Point p, Point q, Point along) {
    Point n = {-along.y * half, along.x * half};
    line(p.x + n.x, p.y + n.y, p.x - n.x, p.y - n.y), line(p.x - n.x, p.y - n.y, q.x - n.x, q.y - n.y);
    line(q.x - n.x, q.y - n.y, q.x + n.x, q.y + n.y), line(q.x + n.x, q.y + n.y, p.x + n.x, p.y + n.y);
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

/* A run of points, as one piece of a stroke. */
static void run(const Point *p, u32 many, int loop) {
    Point first = {0, 0}, before = {0, 0}, along;
    double length;
    int drawn = 0;
    u32 stretches = loop ? many : many - 1;
    for (u32 at = 0; at < stretches; at++) {
        Point a = p[at], b = p[(at + 1) % many];
        if (!unit(a, b, &along, &length)) continue;
        stretch(a, b, along);
        if (drawn) corner(a, before, along);
        else first = along;
        before = along, drawn = 1;
    }
    if (!drawn) return;
    if (loop) corner(p[0], before, first);
    else {
        Point back = {-first.x, -first.y};
        cap(p[0], back), cap(p[many - 1], before);
    }
}

static void dashed(const Point *p, u32 many, int loop, const double *dash, u32 dashes) {
    static Point piece[512];
    u32 held = 0, turn = 0;
    double left = dash[0] * factor;
    int on = 1;
    Point along;
    double length;
    u32 stretches = loop ? many : many - 1;
    for (u32 at = 0; at < stretches; at++) {
        Point a = p[at], b = p[(at + 1) % many];
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
            on = !on, turn = (turn + 1) % dashes, left = dash[turn] * factor;
            if (left < 0.05) left = 0.05;
        }
        left -= length - gone;
        if (on && held < 500) piece[held++] = b;
    }
    if (on && held > 1) run(piece, held, 0);
}

static void stroke(Colour c, double width, const double *dash, u32 dashes) {
    half = width * factor / 2;
    for (u32 at = 0; at < subpaths; at++) {
        u32 start = starts[at], many = end_of(at) - start;
        if (many < 2) continue;
        if (dashes) dashed(points + start, many, closed[at], dash, dashes);
        else run(points + start, many, closed[at]);
    }
    paint(c);
}

/* A bitmap, RGBA, laid over the canvas with its corner at (left, top). */
static void blit(const u8 *bitmap, int w, int h, int left, int top_) {
    for (int y = 0; y < h; y++) {
        if (top_ + y < 0 || top_ + y >= (int)high) continue;
        const u8 *in = bitmap + (size)y * w * 4;
        u8 *out = pixels + ((size)(top_ + y) * wide + left) * 4;
        for (int x = 0; x < w; x++, in += 4, out += 4) {
            if (!in[3] || left + x < 0 || left + x >= (int)wide) continue;
            blend(out, (Colour){in[0], in[1], in[2], in[3]}, 1);
        }
    }
}

static Colour colour(u32 word) {
    return (Colour){word & 255, word >> 8 & 255, word >> 16 & 255, word >> 24};
}

/* Draw a list of things on a new canvas of `w` by `h` pixels, filled with `ground`.
 *
 * Words and reals are read side by side. 1 FILL: colour, path's place and length; factor, x, y. 2 STROKE:
 * colour, path's place and length, round caps, round joins, number of dashes; factor, x, y, width, dashes.
 * 3 RECTANGLE: colour; left, top, right, bottom. 4 BITMAP: its place, width, height, left, top. 5 TEXT: colour,
 * glyphs, and for each its path's place and length; factor, and for each x, y. 0 ends the list.
 */
EXPORT(draw) u8 *draw(u32 w, u32 h, u32 ground, const u32 *words, const double *reals) {
    wide = w, high = h;
    pixels = alloc((size)w * h * 4);
    u32 *all = (u32 *)pixels;
    for (size at = 0; at < (size)w * h; at++) all[at] = ground;
    area = alloc((size)(w + 2) * h * sizeof(float));
    clear(area, (size)(w + 2) * h * sizeof(float));
    from = alloc(h * sizeof(int)), to = alloc(h * sizeof(int));
    for (u32 y = 0; y < h; y++) from[y] = 0x7fffffff, to[y] = -1;
    first_row = 0x7fffffff, last_row = 0;
    points = 0, count = room = 0, starts = 0, closed = 0, subpaths = most_subpaths = 0;
    for (;;) {
        u32 kind = *words++;
        if (!kind) return pixels;
        if (kind == 3) {
            rectangle(reals[0], reals[1], reals[2], reals[3], colour(*words++)), reals += 4;
        } else if (kind == 4) {
            blit((const u8 *)(size)words[0], words[1], words[2], (int)words[3], (int)words[4]), words += 5;
        } else if (kind == 5) {
            Colour c = colour(words[0]);
            u32 glyphs = words[1];
            double scale = *reals++;
            for (words += 2; glyphs; glyphs--, words += 2, reals += 2) {
                factor = scale, shift_x = reals[0], shift_y = reals[1];
                read_path((const u8 *)(size)words[0], words[1]);
                fill(c);
            }
        } else {
            Colour c = colour(words[0]);
            factor = reals[0], shift_x = reals[1], shift_y = reals[2], reals += 3;
            read_path((const u8 *)(size)words[1], words[2]);
            if (kind == 1) {
                fill(c), words += 3;
                continue;
            }
            round_caps = words[3], round_joins = words[4];
            u32 dashes = words[5];
            double width = *reals++;
            stroke(c, width, reals, dashes), reals += dashes, words += 6;
        }
    }
}

/* PNG's rows, each as it is (filter 0): flat pictures are smallest so. */

#include "deflate.h"

static u8 *rows;
static size rows_size;

/* The canvas as PNG's rows, with alpha (4 channels) or without (3); where they are. */
EXPORT(lined) u8 *lined(u32 channels) {
    rows_size = ((size)wide * channels + 1) * high;
    u8 *made = rows = alloc(rows_size);
    const u8 *in = pixels;
    for (u32 y = 0; y < high; y++) {
        *made++ = 0;
        for (u32 x = 0; x < wide; x++, in += 4) {
            made[0] = in[0], made[1] = in[1], made[2] = in[2];
            if (channels == 4) made[3] = in[3];
            made += channels;
        }
    }
    return rows;
}

/* The rows, compressed: the answer's size; `compressed` tells where it is. */
EXPORT(deflated) size deflated(void) {
    out = alloc(rows_size + rows_size / 8 + 65536), written = 0;
    compress(rows, rows_size);
    return written;
}

EXPORT(compressed) u8 *compressed(void) { return out; }
