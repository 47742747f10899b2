/* Pictures in pixels: paths filled and stroked with smooth edges, bitmaps laid over, and the whole as PNG's
 * compressed rows. The same bytes on every machine: WebAssembly's numbers are.
 *
 * Built by `python -m kernels.build` into diagramkit/writers/data/rasterizer.wasm. It imports nothing and keeps
 * to its own memory. `diagramkit/writers/rasterizer.py` writes what it reads.
 *
 * The picture is drawn in strips that fit a processor's cache, each compressed before the next is drawn: the
 * memory in use is that of the list of things, whatever the picture's size.
 */

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long size;

#define EXPORT(name) __attribute__((export_name(#name)))

extern u8 __heap_base;
static size top;

static void hold(size end) {
    size pages = __builtin_wasm_memory_size(0), wanted = (end + 0xffff) >> 16;
    if (wanted > pages && __builtin_wasm_memory_grow(0, wanted - pages) == (size)-1) __builtin_trap();
}

static void *alloc(size bytes) {
    size at = (top + 15) & ~(size)15;
    top = at + bytes;
    hold(top);
    return (void *)at;
}

/* Forget all, and have room for so many bytes. */
EXPORT(fresh) void *fresh(size bytes) {
    top = (size)&__heap_base;
    return alloc(bytes);
}

static void clear(void *at, size bytes) { __builtin_memset(at, 0, bytes); }

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }
static double size_of(double a) { return a < 0 ? -a : a; }
static double root(double a) { return __builtin_sqrt(a); }
static double floor_(double a) { return __builtin_floor(a); }
static double ceil_(double a) { return __builtin_ceil(a); }

#include "canvas.h"
#include "paths.h"
#include "strokes.h"
#include "deflate.h"
#include "rows.h"

/* A thing to draw, and the rows that it touches. */
typedef struct {
    enum { END, FILL, STROKE, RECTANGLE, BITMAP, TEXT } kind;
    Colour colour;
    double top, bottom;
    const Shape *shape;   /* Of FILL and STROKE, */
    double x, y;          /* with its origin here. */
    double width;         /* Of STROKE, in pixels. */
    const double *dash;
    u32 dashes;
    u8 round_caps, round_joins;
    double sides[4];      /* Of RECTANGLE. */
    const u8 *bitmap;     /* Of BITMAP. */
    int box[4];           /* Its width, height, left, top. */
} Thing;

static Thing *things;
static u32 held_things, room_things;

static Thing *another(int kind, u32 colour) {
    if (held_things == room_things) {
        u32 wanted = room_things ? room_things * 2 : 256;
        things = larger(things, held_things * sizeof(Thing), wanted * sizeof(Thing));
        room_things = wanted;
    }
    Thing *made = &things[held_things++];
    clear(made, sizeof *made);
    made->kind = kind, made->colour = (Colour){colour & 255, colour >> 8 & 255, colour >> 16 & 255, colour >> 24};
    return made;
}

static Thing *shaped(int kind, u32 colour, const u32 *path, double scale, double x, double y) {
    const Shape *shape = shape_of((const u8 *)(size)path[0], path[1], scale);
    Thing *made = another(kind, colour);
    made->shape = shape, made->x = x, made->y = y;
    made->top = shape->top + y, made->bottom = shape->bottom + y;
    return made;
}

/* Read a list of things.
 *
 * Words and reals are read side by side. 1 FILL: colour, path's place and length; factor, x, y. 2 STROKE:
 * colour, path's place and length, round caps, round joins, number of dashes; factor, x, y, width, dashes.
 * 3 RECTANGLE: colour; left, top, right, bottom. 4 BITMAP: its place, width, height, left, top. 5 TEXT: colour,
 * glyphs, and for each its path's place and length; factor, and for each x, y. 0 ends the list.
 */
static void read_things(const u32 *words, const double *reals) {
    Thing *one;
    things = 0, held_things = room_things = 0;
    for (;;) {
        switch (*words++) {
        case FILL:
            shaped(FILL, words[0], words + 1, reals[0], reals[1], reals[2]);
            words += 3, reals += 3;
            break;
        case STROKE:
            one = shaped(STROKE, words[0], words + 1, reals[0], reals[1], reals[2]);
            one->round_caps = words[3], one->round_joins = words[4], one->dashes = words[5];
            one->width = reals[3] * reals[0], one->dash = reals + 4;
            one->top -= one->width * 2, one->bottom += one->width * 2;
            words += 6, reals += 4 + one->dashes;
            break;
        case RECTANGLE:
            one = another(RECTANGLE, *words++);
            for (int at = 0; at < 4; at++) one->sides[at] = *reals++;
            one->top = one->sides[1], one->bottom = one->sides[3];
            break;
        case BITMAP:
            one = another(BITMAP, 0);
            one->bitmap = (const u8 *)(size)*words++;
            for (int at = 0; at < 4; at++) one->box[at] = (int)*words++;
            one->top = one->box[3], one->bottom = one->box[3] + one->box[1];
            break;
        case TEXT: {
            u32 colour = *words++, glyphs = *words++;
            double scale = *reals++;
            for (; glyphs; glyphs--, words += 2, reals += 2) shaped(FILL, colour, words, scale, reals[0], reals[1]);
            break;
        }
        default: return;
        }
    }
}

static void draw_thing(const Thing *one) {
    switch (one->kind) {
    case FILL: fill(one->shape, one->x, one->y, one->colour); break;
    case STROKE:
        round_caps = one->round_caps, round_joins = one->round_joins;
        stroke(one->shape, one->x, one->y, one->colour, one->width, one->dash, one->dashes);
        break;
    case RECTANGLE: rectangle(one->sides[0], one->sides[1], one->sides[2], one->sides[3], one->colour); break;
    case BITMAP: blit(one->bitmap, one->box[0], one->box[1], one->box[2], one->box[3]); break;
    default: break;
    }
}

static void strip(u32 ground) {
    u32 *all = (u32 *)pixels;
    for (size at = 0, many = (size)wide * (beyond - first); at < many; at++) all[at] = ground;
    for (u32 at = 0; at < held_things; at++)
        if (things[at].top < beyond && things[at].bottom > first) draw_thing(&things[at]);
}

#define STRIP (256 << 10) /* Bytes of a strip's pixels, about. */

/* What is asked: a canvas of so many pixels, filled with `ground`; with alpha (4 channels) or without (3); where the
 * list of things to draw is. */
typedef struct {
    u32 wide, high, ground, channels;
    const u32 *words;
    const double *reals;
} Asked;

/* Draw a list of things. The answer tells where PNG's compressed rows are, as zlib has them (RFC 1950), and how many
 * bytes that is. */
EXPORT(draw) const size *draw(const Asked *asked) {
    static size answer[2];
    u32 w = asked->wide, h = asked->high;
    wide = w, high = h;
    forget();
    read_things(asked->words, asked->reals);
    u32 longest_shape = 0;
    for (u32 at = 0; at < held_things; at++)
        if (things[at].shape && things[at].shape->count > longest_shape) longest_shape = things[at].shape->count;
    moved = alloc(longest_shape * sizeof(Point));
    u32 rows = STRIP / (w * 4);
    rows = rows < 8 ? 8 : rows > h ? h : rows;
    pixels = (u8 *)alloc((size)(rows + 1) * w * 4) + (size)w * 4; /* The row above is kept. */
    area = alloc((size)rows * (w + 2) * sizeof(float));
    clear(area, (size)rows * (w + 2) * sizeof(float));
    from = alloc(rows * sizeof(int)), to = alloc(rows * sizeof(int));
    for (u32 y = 0; y < rows; y++) from[y] = 0x7fffffff, to[y] = -1;
    begin_rows(asked->channels);
    for (first = 0; first < (int)h; first = beyond) {
        beyond = first + rows < h ? first + rows : h;
        strip(asked->ground);
        for (int y = first; y < beyond; y++) row_out(pixel(0, y), y > 0);
        __builtin_memcpy(pixels - (size)w * 4, pixel(0, beyond - 1), (size)w * 4);
    }
    answer[1] = end_rows(), answer[0] = (size)out;
    return answer;
}
