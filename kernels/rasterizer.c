/* Draws a display list: fills and strokes paths with anti-aliasing, copies bitmaps, and writes the result as the
 * compressed rows of a PNG. WebAssembly computes the same numbers everywhere, so the bytes are the same on every
 * machine.
 *
 * `python -m kernels.build` builds diagramkit/writers/data/rasterizer.wasm from this file. The module imports
 * nothing and uses only its own memory. `diagramkit/writers/rasterizer.py` writes its input.
 *
 * The picture is drawn in horizontal strips that fit into a processor's cache. Each strip is compressed before the
 * next one is drawn, so the memory in use depends on the display list but not on the size of the picture.
 */

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long size;

#define EXPORT(name) __attribute__((export_name(#name)))

extern u8 __heap_base;
static size heap_end;

static void ensure_memory(size end) {
    size pages = __builtin_wasm_memory_size(0), wanted = (end + 0xffff) >> 16;
    if (wanted > pages && __builtin_wasm_memory_grow(0, wanted - pages) == (size)-1) __builtin_trap();
}

/* Allocate memory, aligned to 16 bytes. It is freed by `reset` only. */
static void *alloc(size bytes) {
    size address = (heap_end + 15) & ~(size)15;
    heap_end = address + bytes;
    ensure_memory(heap_end);
    return (void *)address;
}

/* Free all memory, and allocate `bytes` for the input of the next picture. */
EXPORT(fresh) void *reset(size bytes) {
    heap_end = (size)&__heap_base;
    return alloc(bytes);
}

static void set_zero(void *start, size bytes) { __builtin_memset(start, 0, bytes); }

static double min(double a, double b) { return a < b ? a : b; }
static double max(double a, double b) { return a > b ? a : b; }
static double fabs(double a) { return a < 0 ? -a : a; }
static double sqrt(double a) { return __builtin_sqrt(a); }
static double floor(double a) { return __builtin_floor(a); }
static double ceil(double a) { return __builtin_ceil(a); }

#include "canvas.h"
#include "paths.h"
#include "strokes.h"
#include "deflate.h"
#include "rows.h"

/* An item of the display list, and the rows that it covers. */
typedef struct {
    enum { END, FILL, STROKE, RECTANGLE, BITMAP, TEXT } kind;
    Color color;
    double top, bottom;
    const Shape *shape;   /* Of FILL and STROKE. */
    double x, y;          /* The position of the shape's origin. */
    double width;         /* Of STROKE, in pixels. */
    const double *dash;
    u32 dash_count;
    u8 round_caps, round_joins;
    double sides[4];      /* Of RECTANGLE: left, top, right, bottom. */
    const u8 *bitmap;     /* Of BITMAP. */
    int box[4];           /* Width, height, left and top of the bitmap. */
} Item;

static Item *items;
static u32 item_count, item_capacity;

static Item *add_item(int kind, u32 color) {
    if (item_count == item_capacity) {
        u32 capacity = item_capacity ? item_capacity * 2 : 256;
        items = grow(items, item_count * sizeof(Item), capacity * sizeof(Item));
        item_capacity = capacity;
    }
    Item *item = &items[item_count++];
    set_zero(item, sizeof *item);
    item->kind = kind, item->color = (Color){color & 255, color >> 8 & 255, color >> 16 & 255, color >> 24};
    return item;
}

/* Add a FILL or STROKE of the path whose address and length are at `path`. */
static Item *add_shape(int kind, u32 color, const u32 *path, double scale, double x, double y) {
    const Shape *shape = get_shape((const u8 *)(size)path[0], path[1], scale);
    Item *item = add_item(kind, color);
    item->shape = shape, item->x = x, item->y = y;
    item->top = shape->top + y, item->bottom = shape->bottom + y;
    return item;
}

/* Read a display list. It consists of an array of words and an array of reals, which are read in parallel:
 *
 * 1 FILL       words: color, address and length of the path; reals: scale, x, y
 * 2 STROKE     words: color, address and length of the path, round caps, round joins, number of dashes;
 *              reals: scale, x, y, width, dashes
 * 3 RECTANGLE  words: color; reals: left, top, right, bottom
 * 4 BITMAP     words: address, width, height, left, top
 * 5 TEXT       words: color, number of glyphs, and for each the address and length of its path;
 *              reals: scale, and for each glyph x, y
 * 0 END
 */
static void read_items(const u32 *words, const double *reals) {
    Item *item;
    items = 0, item_count = item_capacity = 0;
    for (;;) {
        switch (*words++) {
        case FILL:
            add_shape(FILL, words[0], words + 1, reals[0], reals[1], reals[2]);
            words += 3, reals += 3;
            break;
        case STROKE:
            item = add_shape(STROKE, words[0], words + 1, reals[0], reals[1], reals[2]);
            item->round_caps = words[3], item->round_joins = words[4], item->dash_count = words[5];
            item->width = reals[3] * reals[0], item->dash = reals + 4;
            item->top -= item->width * 2, item->bottom += item->width * 2; /* SVG's miter limit, 4. */
            words += 6, reals += 4 + item->dash_count;
            break;
        case RECTANGLE:
            item = add_item(RECTANGLE, *words++);
            for (int i = 0; i < 4; i++) item->sides[i] = *reals++;
            item->top = item->sides[1], item->bottom = item->sides[3];
            break;
        case BITMAP:
            item = add_item(BITMAP, 0);
            item->bitmap = (const u8 *)(size)*words++;
            for (int i = 0; i < 4; i++) item->box[i] = (int)*words++;
            item->top = item->box[3], item->bottom = item->box[3] + item->box[1];
            break;
        case TEXT: {
            u32 color = *words++, glyphs = *words++;
            double scale = *reals++;
            for (; glyphs; glyphs--, words += 2, reals += 2) add_shape(FILL, color, words, scale, reals[0], reals[1]);
            break;
        }
        default: return;
        }
    }
}

static void draw_item(const Item *item) {
    switch (item->kind) {
    case FILL: fill(item->shape, item->x, item->y, item->color); break;
    case STROKE:
        round_caps = item->round_caps, round_joins = item->round_joins;
        stroke(item->shape, item->x, item->y, item->color, item->width, item->dash, item->dash_count);
        break;
    case RECTANGLE: rectangle(item->sides[0], item->sides[1], item->sides[2], item->sides[3], item->color); break;
    case BITMAP: blit(item->bitmap, item->box[0], item->box[1], item->box[2], item->box[3]); break;
    default: break;
    }
}

static void draw_strip(u32 background) {
    u32 *words = (u32 *)pixels;
    for (size i = 0, count = (size)canvas_width * (strip_bottom - strip_top); i < count; i++) words[i] = background;
    for (u32 i = 0; i < item_count; i++)
        if (items[i].top < strip_bottom && items[i].bottom > strip_top) draw_item(&items[i]);
}

#define STRIP_BYTES (256 << 10) /* The approximate size of a strip's pixels. */

/* The input of `draw`: the size of the picture in pixels, its background, its channels (3 without alpha, 4 with
 * alpha), and the display list. */
typedef struct {
    u32 width, height, background, channels;
    const u32 *words;
    const double *reals;
} Request;

/* Draw a display list. The result is the address and the length of PNG's compressed rows in zlib format (RFC 1950). */
EXPORT(draw) const size *draw(const Request *request) {
    static size result[2];
    u32 w = request->width, h = request->height;
    canvas_width = w, canvas_height = h;
    reset_paths();
    read_items(request->words, request->reals);
    u32 max_points = 0;
    for (u32 i = 0; i < item_count; i++)
        if (items[i].shape && items[i].shape->point_count > max_points) max_points = items[i].shape->point_count;
    moved_points = alloc(max_points * sizeof(Point));
    u32 rows = STRIP_BYTES / (w * 4);
    rows = rows < 8 ? 8 : rows > h ? h : rows;
    pixels = (u8 *)alloc((size)(rows + 1) * w * 4) + (size)w * 4; /* The last row of the strip above comes first. */
    accumulator = alloc((size)rows * (w + 2) * sizeof(float));
    set_zero(accumulator, (size)rows * (w + 2) * sizeof(float));
    dirty_start = alloc(rows * sizeof(int)), dirty_end = alloc(rows * sizeof(int));
    for (u32 y = 0; y < rows; y++) dirty_start[y] = 0x7fffffff, dirty_end[y] = -1;
    begin_rows(request->channels);
    for (strip_top = 0; strip_top < (int)h; strip_top = strip_bottom) {
        strip_bottom = strip_top + rows < h ? strip_top + rows : h;
        draw_strip(request->background);
        for (int y = strip_top; y < strip_bottom; y++) write_row(pixel_at(0, y), y > 0);
        __builtin_memcpy(pixels - (size)w * 4, pixel_at(0, strip_bottom - 1), (size)w * 4);
    }
    result[1] = end_rows(), result[0] = (size)out;
    return result;
}
