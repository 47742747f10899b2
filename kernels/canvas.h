/* The canvas: a strip of the picture, RGBA with straight alpha. Places are the whole picture's.
 *
 * Coverage by signed areas, as in Levien's font-rs: each edge leaves in every pixel of its rows how much it
 * covers and how the sum to its right changes; a running sum along the row is the coverage. Overlapping
 * pieces of a stroke all turn the same way, and what is covered twice counts once.
 */

static u32 wide, high;
static int first, beyond; /* The strip's rows: from `first` to before `beyond`. */
static u8 *pixels;
static float *area;    /* Two more columns than the canvas, all nothing between two fills. */
static int *from, *to; /* Which columns of each row an edge has touched. */

typedef struct {
    u32 r, g, b, a;
} Colour;

static u8 *pixel(int x, int y) { return pixels + ((size)(y - first) * wide + x) * 4; }

static void blend(u8 *at, Colour c, double coverage) {
    u32 alpha = (u32)(c.a * coverage + 0.5);
    if (!alpha) return;
    if (alpha == 255 || !at[3]) {
        at[0] = c.r, at[1] = c.g, at[2] = c.b, at[3] = alpha;
        return;
    }
    if (at[3] == 255) { /* As below, by a constant. */
        u32 under = 255 - alpha;
        at[0] = (c.r * alpha + at[0] * under + 127) / 255;
        at[1] = (c.g * alpha + at[1] * under + 127) / 255;
        at[2] = (c.b * alpha + at[2] * under + 127) / 255;
        return;
    }
    u32 under = at[3] * (255 - alpha) / 255, whole = alpha + under;
    at[0] = (c.r * alpha + at[0] * under + whole / 2) / whole;
    at[1] = (c.g * alpha + at[1] * under + whole / 2) / whole;
    at[2] = (c.b * alpha + at[2] * under + whole / 2) / whole;
    at[3] = whole;
}

static void span(int y, int left, int right, Colour c, double coverage) {
    u8 *at = pixel(left, y);
    if (c.a == 255 && coverage >= 1) {
        u32 word = c.r | c.g << 8 | c.b << 16 | 0xff000000u, *out = (u32 *)at;
        for (int x = left; x < right; x++) *out++ = word;
        return;
    }
    for (int x = left; x < right; x++, at += 4) blend(at, c, coverage);
}

/* An upright rectangle: its inside whole, its sides by how much of their pixels they cover. */
static void rectangle(double x0, double y0, double x1, double y1, Colour c) {
    x0 = most(x0, 0), y0 = most(y0, first), x1 = least(x1, wide), y1 = least(y1, beyond);
    if (x0 >= x1 || y0 >= y1) return;
    int left = (int)ceil_(x0), right = (int)floor_(x1), start = (int)floor_(x0), last = (int)floor_(x1);
    for (int y = (int)floor_(y0); y < (int)ceil_(y1); y++) {
        double part = least(y + 1, y1) - most(y, y0);
        if (start < left) blend(pixel(start, y), c, part * (least(left, x1) - x0));
        if (right > left) span(y, left, right, c, part);
        if (last >= left && last < x1 && (last > start || start >= left)) blend(pixel(last, y), c, part * (x1 - last));
    }
}

/* A bitmap, RGBA, laid over the canvas with its corner at (left, above). */
static void blit(const u8 *bitmap, int w, int h, int left, int above) {
    const v128_t alphas = wasm_u32x4_splat(0xff000000u);
    int x0 = left < 0 ? -left : 0, x1 = left + w > (int)wide ? (int)wide - left : w;
    for (int y = 0; y < h; y++) {
        if (above + y < first || above + y >= beyond) continue;
        const u8 *in = bitmap + ((size)y * w + x0) * 4;
        u8 *out = pixel(left + x0, above + y);
        for (int x = x0; x < x1;) {
            if (x + 4 <= x1) { /* Most are clear or opaque with their neighbours. */
                v128_t four = wasm_v128_load(in), seen = wasm_v128_and(four, alphas);
                int opaque = wasm_i32x4_all_true(wasm_i32x4_eq(seen, alphas));
                if (opaque) wasm_v128_store(out, four);
                if (opaque || !wasm_v128_any_true(seen)) {
                    x += 4, in += 16, out += 16;
                    continue;
                }
            }
            if (in[3] == 255) *(u32 *)out = *(const u32 *)in;
            else if (in[3]) blend(out, (Colour){in[0], in[1], in[2], in[3]}, 1);
            x++, in += 4, out += 4;
        }
    }
}

static void touched(int line, int start, int end) {
    if (start < from[line]) from[line] = start;
    if (end > to[line]) to[line] = end;
}

/* An upright edge into the areas: what a slanted one would come to, row by row the same. */
static void upright(double x, double y0, double y1, double way) {
    double a = least(most(x, 0), wide), start = floor_(a), middle = 0.5 * (a + a) - start;
    int at = (int)start;
    for (int y = (int)y0; y < (int)ceil_(y1); y++) {
        double d = (least(y + 1, y1) - most(y, y0)) * way;
        float *row = area + (size)(y - first) * (wide + 2) + at;
        row[0] += d - d * middle, row[1] += d * middle;
        touched(y - first, at, at + 1);
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
    if (y1 <= first || y0 >= beyond) return;
    if (x0 == x1) {
        upright(x0, most(y0, first), least(y1, beyond), way);
        return;
    }
    double slope = (x1 - x0) / (y1 - y0), x = x0;
    if (y0 < first) x += (first - y0) * slope, y0 = first;
    if (y1 > beyond) y1 = beyond;
    for (int y = (int)y0; y < (int)ceil_(y1); y++) {
        double height = least(y + 1, y1) - most(y, y0), next = x + slope * height;
        double d = height * way, a = least(x, next), b = most(x, next);
        a = least(most(a, 0), wide), b = least(most(b, 0), wide);
        double start = floor_(a);
        int at = (int)start, end = (int)ceil_(b), line = y - first;
        float *row = area + (size)line * (wide + 2);
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
        touched(line, at, end);
        x = next;
    }
}

/* Paint what the edges enclose, and leave the areas empty. */
static void paint(Colour c) {
    for (int line = 0; line < beyond - first; line++) {
        if (to[line] < 0) continue;
        float *row = area + (size)line * (wide + 2);
        double sum = 0;
        int end = to[line] < (int)wide ? to[line] : (int)wide - 1;
        u8 *at = pixels + ((size)line * wide + from[line]) * 4;
        for (int x = from[line]; x <= end; x++, at += 4) {
            sum += row[x], row[x] = 0;
            double coverage = least(size_of(sum), 1);
            if (coverage > 0.002) blend(at, c, coverage > 0.998 ? 1 : coverage);
        }
        row[wide] = row[wide + 1] = 0;
        from[line] = 0x7fffffff, to[line] = -1;
    }
}
