/* PNG's rows (PNG specification, 9): each as it is (filter 0, flat pictures are smallest so), or, where it is
 * the same, as nothing new from the row above (2). Adler-32 of them (RFC 1950) is kept as they come. */

static u32 channels_out, sum_a, sum_b;

static void begin_rows(u32 channels) {
    channels_out = channels, sum_a = 1, sum_b = 0;
    begin_deflate(wide * channels + 1, channels);
    byte_out(0x78), byte_out(0x9c);
}

/* Whether two rows of pixels are the same. */
static int same_pixels(const u8 *one, const u8 *other) {
    u32 bytes = wide * 4, at = 0;
    for (; at + 16 <= bytes; at += 16)
        if (wasm_v128_any_true(wasm_v128_xor(wasm_v128_load(one + at), wasm_v128_load(other + at)))) return 0;
    for (; at < bytes; at++)
        if (one[at] != other[at]) return 0;
    return 1;
}

#define LARGEST 65521

/* 5552: as many bytes as the sums take without being reduced. */
static void sum(const u8 *at, u32 many) {
    const v128_t high_weights = wasm_i16x8_make(16, 15, 14, 13, 12, 11, 10, 9), low_weights = wasm_i16x8_make(8, 7, 6, 5, 4, 3, 2, 1);
    while (many) {
        u32 piece = many < 5552 ? many : 5552, k = 0;
        v128_t a = wasm_i32x4_splat(0), before = a, b = a;
        for (; k + 16 <= piece; k += 16) {
            v128_t bytes = wasm_v128_load(at + k);
            before = wasm_i32x4_add(before, a);
            a = wasm_i32x4_add(a, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(bytes)));
            b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(bytes), high_weights));
            b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(bytes), low_weights));
        }
#define ALL(v) \
    (wasm_i32x4_extract_lane(v, 0) + wasm_i32x4_extract_lane(v, 1) + wasm_i32x4_extract_lane(v, 2) \
     + wasm_i32x4_extract_lane(v, 3))
        sum_b += (u32)((sum_a * (u64)k + (u64)16 * (u32)ALL(before) + (u32)ALL(b)) % LARGEST);
        sum_a += (u32)ALL(a);
        for (; k < piece; k++) sum_a += at[k], sum_b += sum_a % LARGEST;
        sum_a %= LARGEST, sum_b %= LARGEST;
        at += piece, many -= piece;
    }
}

/* A row of pixels as PNG's bytes. Writes up to 7 bytes more than it says. */
static void packed(u8 *made, const u8 *row) {
    u32 at = 0, step = 4 * channels_out;
    for (; at + 4 <= wide; at += 4, made += step) {
        v128_t four = wasm_v128_load(row + at * 4);
        if (channels_out == 3)
            four = wasm_i8x16_shuffle(four, four, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3);
        wasm_v128_store(made, four);
    }
    for (; at < wide; at++)
        for (u32 k = 0; k < channels_out; k++) *made++ = row[at * 4 + k];
}

static void row_out(const u8 *row, int has_above) {
    u32 bytes = wide * channels_out + 1;
    u8 *made = room_for(bytes);
    if (has_above && same_pixels(row, row - (size)wide * 4)) {
        clear(made, bytes);
        made[0] = 2;
        sum_a = (sum_a + 2) % LARGEST;
        sum_b = (sum_b + (u64)sum_a * bytes) % LARGEST;
        deflate_zeros();
    } else {
        made[0] = 0;
        packed(made + 1, row);
        sum(made, bytes);
        deflate();
    }
}

static size end_rows(void) {
    end_deflate();
    for (int shift = 8; shift >= 0; shift -= 8) byte_out(sum_b >> shift);
    for (int shift = 8; shift >= 0; shift -= 8) byte_out(sum_a >> shift);
    return written;
}
