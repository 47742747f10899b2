/* The canvas: a strip of the picture in RGBA with straight alpha. Coordinates are those of the whole picture.
 *
 * Shapes are filled by accumulating signed areas, as in Levien's font-rs: each edge adds to every pixel of its rows
 * how much of the pixel it covers, and how the coverage changes to the right of it. A running sum along the row then
 * gives the coverage of each pixel. Overlapping parts of a stroke have the same winding, and coverage is limited to
 * 1, so that pixels which are covered twice are painted once.
 */

static u32 canvas_width, canvas_height;
static int strip_top, strip_bottom; /* The rows of the strip: from `strip_top` to before `strip_bottom`. */
static u8 *pixels;
static float *accumulator;            /* Two columns more than the canvas; all zero between two fills. */
static int *dirty_start, *dirty_end;  /* The first and last column of each row that an edge has changed. */

typedef struct {
    u32 r, g, b, a;
} Color;

static u8 *pixel_at(int x, int y) { return pixels + ((size)(y - strip_top) * canvas_width + x) * 4; }

/* Paint a color over a pixel, with the alpha of the color multiplied by `coverage`. */
static void blend(u8 *target, Color c, double coverage) {
    u32 alpha = (u32)(c.a * coverage + 0.5);
    if (!alpha) return;
    if (alpha == 255 || !target[3]) {
        target[0] = c.r, target[1] = c.g, target[2] = c.b, target[3] = alpha;
        return;
    }
    if (target[3] == 255) { /* The same as below, but faster: the divisor is a constant. */
        u32 under = 255 - alpha;
        target[0] = (c.r * alpha + target[0] * under + 127) / 255;
        target[1] = (c.g * alpha + target[1] * under + 127) / 255;
        target[2] = (c.b * alpha + target[2] * under + 127) / 255;
        return;
    }
    u32 under = target[3] * (255 - alpha) / 255, total = alpha + under;
    target[0] = (c.r * alpha + target[0] * under + total / 2) / total;
    target[1] = (c.g * alpha + target[1] * under + total / 2) / total;
    target[2] = (c.b * alpha + target[2] * under + total / 2) / total;
    target[3] = total;
}

/* Paint the pixels of row `y` from `left` to before `right`. */
static void fill_span(int y, int left, int right, Color c, double coverage) {
    u8 *target = pixel_at(left, y);
    if (c.a == 255 && coverage >= 1) {
        u32 word = c.r | c.g << 8 | c.b << 16 | 0xff000000u, *out = (u32 *)target;
        for (int x = left; x < right; x++) *out++ = word;
        return;
    }
    for (int x = left; x < right; x++, target += 4) blend(target, c, coverage);
}

/* Paint a rectangle with horizontal and vertical sides; pixels on its border by how much of them it covers. */
static void rectangle(double x0, double y0, double x1, double y1, Color c) {
    x0 = max(x0, 0), y0 = max(y0, strip_top), x1 = min(x1, canvas_width), y1 = min(y1, strip_bottom);
    if (x0 >= x1 || y0 >= y1) return;
    int left = (int)ceil(x0), right = (int)floor(x1), first = (int)floor(x0), last = (int)floor(x1);
    for (int y = (int)floor(y0); y < (int)ceil(y1); y++) {
        double height = min(y + 1, y1) - max(y, y0);
        if (first < left) blend(pixel_at(first, y), c, height * (min(left, x1) - x0));
        if (right > left) fill_span(y, left, right, c, height);
        if (last >= left && last < x1 && (last > first || first >= left))
            blend(pixel_at(last, y), c, height * (x1 - last));
    }
}

/* Paint an RGBA bitmap over the canvas with its corner at (left, top). */
static void blit(const u8 *bitmap, int w, int h, int left, int top) {
    const v128_t alpha_mask = wasm_u32x4_splat(0xff000000u);
    int x0 = left < 0 ? -left : 0, x1 = left + w > (int)canvas_width ? (int)canvas_width - left : w;
    for (int y = 0; y < h; y++) {
        if (top + y < strip_top || top + y >= strip_bottom) continue;
        const u8 *in = bitmap + ((size)y * w + x0) * 4;
        u8 *out = pixel_at(left + x0, top + y);
        for (int x = x0; x < x1;) {
            if (x + 4 <= x1) { /* Mostly, four adjacent pixels are all transparent or all opaque. */
                v128_t four = wasm_v128_load(in), alphas = wasm_v128_and(four, alpha_mask);
                int opaque = wasm_i32x4_all_true(wasm_i32x4_eq(alphas, alpha_mask));
                if (opaque) wasm_v128_store(out, four);
                if (opaque || !wasm_v128_any_true(alphas)) {
                    x += 4, in += 16, out += 16;
                    continue;
                }
            }
            if (in[3] == 255) *(u32 *)out = *(const u32 *)in;
            else if (in[3]) blend(out, (Color){in[0], in[1], in[2], in[3]}, 1);
            x++, in += 4, out += 4;
        }
    }
}

static void mark_dirty(int line, int first, int last) {
    if (first < dirty_start[line]) dirty_start[line] = first;
    if (last > dirty_end[line]) dirty_end[line] = last;
}

/* Add a vertical edge to the accumulator. The result is that of `add_edge`, but all rows are alike. */
static void add_vertical_edge(double x, double y0, double y1, double winding) {
    double a = min(max(x, 0), canvas_width), start = floor(a), middle = 0.5 * (a + a) - start;
    int column = (int)start;
    for (int y = (int)y0; y < (int)ceil(y1); y++) {
        double d = (min(y + 1, y1) - max(y, y0)) * winding;
        float *row = accumulator + (size)(y - strip_top) * (canvas_width + 2) + column;
        row[0] += d - d * middle, row[1] += d * middle;
        mark_dirty(y - strip_top, column, column + 1);
    }
}

/* Add an edge of a path to the accumulator. */
static void add_edge(double x0, double y0, double x1, double y1) {
    if (y0 == y1) return;
    double winding = 1;
    if (y0 > y1) {
        double x = x0, y = y0;
        x0 = x1, y0 = y1, x1 = x, y1 = y, winding = -1;
    }
    if (y1 <= strip_top || y0 >= strip_bottom) return;
    if (x0 == x1) {
        add_vertical_edge(x0, max(y0, strip_top), min(y1, strip_bottom), winding);
        return;
    }
    double slope = (x1 - x0) / (y1 - y0), x = x0;
    if (y0 < strip_top) x += (strip_top - y0) * slope, y0 = strip_top;
    if (y1 > strip_bottom) y1 = strip_bottom;
    for (int y = (int)y0; y < (int)ceil(y1); y++) {
        double height = min(y + 1, y1) - max(y, y0), next = x + slope * height;
        double d = height * winding, a = min(x, next), b = max(x, next);
        a = min(max(a, 0), canvas_width), b = min(max(b, 0), canvas_width);
        double start = floor(a);
        int first = (int)start, last = (int)ceil(b), line = y - strip_top;
        float *row = accumulator + (size)line * (canvas_width + 2);
        if (last <= first + 1) { /* The edge crosses a single pixel of this row. */
            double middle = 0.5 * (a + b) - start;
            row[first] += d - d * middle, row[first + 1] += d * middle;
            last = first + 1;
        } else {
            double s = 1 / (b - a), in = a - start, left = 0.5 * s * (1 - in) * (1 - in);
            double out = b - last + 1, right = 0.5 * s * out * out;
            row[first] += d * left;
            if (last == first + 2) row[first + 1] += d * (1 - left - right);
            else {
                double second = s * (1.5 - in);
                row[first + 1] += d * (second - left);
                for (int k = first + 2; k < last - 1; k++) row[k] += d * s;
                row[last - 1] += d * (1 - (second + (last - first - 3) * s) - right);
            }
            row[last] += d * right;
        }
        mark_dirty(line, first, last);
        x = next;
    }
}

/* Paint the area inside the accumulated edges, and clear the accumulator. */
static void fill_accumulated(Color c) {
    for (int line = 0; line < strip_bottom - strip_top; line++) {
        if (dirty_end[line] < 0) continue;
        float *row = accumulator + (size)line * (canvas_width + 2);
        double sum = 0;
        int last = dirty_end[line] < (int)canvas_width ? dirty_end[line] : (int)canvas_width - 1;
        u8 *target = pixels + ((size)line * canvas_width + dirty_start[line]) * 4;
        for (int x = dirty_start[line]; x <= last; x++, target += 4) {
            sum += row[x], row[x] = 0;
            double coverage = min(fabs(sum), 1);
            if (coverage > 0.002) blend(target, c, coverage > 0.998 ? 1 : coverage);
        }
        row[canvas_width] = row[canvas_width + 1] = 0;
        dirty_start[line] = 0x7fffffff, dirty_end[line] = -1;
    }
}
