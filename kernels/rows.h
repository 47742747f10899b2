/* The rows of a PNG (PNG specification, 9). A row is written as it is (filter 0), which compresses flat pictures
 * best, or if it equals the row above, as the difference from it (filter 2), which is all zeros. Their Adler-32
 * checksum (RFC 1950) is updated row by row. */

static u32 channels, adler_a, adler_b;

static void begin_rows(u32 channel_count) {
    channels = channel_count, adler_a = 1, adler_b = 0;
    begin_deflate(canvas_width * channel_count + 1, channel_count);
    write_byte(0x78), write_byte(0x9c);
}

/* Return whether two rows of pixels are equal. */
static int rows_equal(const u8 *a, const u8 *b) {
    u32 bytes = canvas_width * 4, i = 0;
    for (; i + 16 <= bytes; i += 16)
        if (wasm_v128_any_true(wasm_v128_xor(wasm_v128_load(a + i), wasm_v128_load(b + i)))) return 0;
    for (; i < bytes; i++)
        if (a[i] != b[i]) return 0;
    return 1;
}

#define ADLER_MODULUS 65521
#define ADLER_PIECE 5552 /* The sums of this many bytes fit into 32 bits. */

static void update_adler(const u8 *data, u32 count) {
    const v128_t high_weights = wasm_i16x8_make(16, 15, 14, 13, 12, 11, 10, 9);
    const v128_t low_weights = wasm_i16x8_make(8, 7, 6, 5, 4, 3, 2, 1);
    while (count) {
        u32 piece = count < ADLER_PIECE ? count : ADLER_PIECE, k = 0;
        v128_t a = wasm_i32x4_splat(0), before = a, b = a;
        for (; k + 16 <= piece; k += 16) {
            v128_t bytes = wasm_v128_load(data + k);
            before = wasm_i32x4_add(before, a);
            a = wasm_i32x4_add(a, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(bytes)));
            b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(bytes), high_weights));
            b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(bytes), low_weights));
        }
#define LANE_SUM(v) \
    (wasm_i32x4_extract_lane(v, 0) + wasm_i32x4_extract_lane(v, 1) + wasm_i32x4_extract_lane(v, 2) \
     + wasm_i32x4_extract_lane(v, 3))
        adler_b += (u32)((adler_a * (u64)k + (u64)16 * (u32)LANE_SUM(before) + (u32)LANE_SUM(b)) % ADLER_MODULUS);
        adler_a += (u32)LANE_SUM(a);
        for (; k < piece; k++) adler_a += data[k], adler_b += adler_a % ADLER_MODULUS;
        adler_a %= ADLER_MODULUS, adler_b %= ADLER_MODULUS;
        data += piece, count -= piece;
    }
}

/* Convert a row of RGBA pixels to `channels` bytes per pixel. It may write up to 7 bytes after the row. */
static void pack_pixels(u8 *target, const u8 *row) {
    u32 x = 0, step = 4 * channels;
    for (; x + 4 <= canvas_width; x += 4, target += step) {
        v128_t four = wasm_v128_load(row + x * 4);
        if (channels == 3)
            four = wasm_i8x16_shuffle(four, four, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3);
        wasm_v128_store(target, four);
    }
    for (; x < canvas_width; x++)
        for (u32 k = 0; k < channels; k++) *target++ = row[x * 4 + k];
}

static void write_row(const u8 *row, int has_above) {
    u32 bytes = canvas_width * channels + 1;
    u8 *target = input_buffer(bytes);
    if (has_above && rows_equal(row, row - (size)canvas_width * 4)) {
        set_zero(target, bytes);
        target[0] = 2;
        adler_a = (adler_a + 2) % ADLER_MODULUS;
        adler_b = (adler_b + (u64)adler_a * bytes) % ADLER_MODULUS;
        deflate_zero_row();
    } else {
        target[0] = 0;
        pack_pixels(target + 1, row);
        update_adler(target, bytes);
        deflate_row();
    }
}

/* Finish the zlib stream and return its length. */
static size end_rows(void) {
    end_deflate();
    for (int shift = 8; shift >= 0; shift -= 8) write_byte(adler_b >> shift);
    for (int shift = 8; shift >= 0; shift -= 8) write_byte(adler_a >> shift);
    return written;
}
