/*
 * A secure session without a socket: two sides in one program, between which messages travel through memory. A program with a socket sends
 * each message behind two bytes of length, big-endian, as nodes do.
 *
 *      cc -std=c11 noise_echo.c $(pkg-config --cflags --libs megatorrent) -o noise_echo
 */
#include <megatorrent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(mt_status_t status, const char *what)
{
    char detail[512];
    if (status == MT_OK)
        return;
    mt_last_error(detail, sizeof detail);
    printf("not ok %s: %s: %s\n", what, mt_status_name(status), detail);
    exit(1);
}

/* One side: makes a key pair of its own and begins a session. */
static mt_noise_t *begin(uint32_t initiator, uint8_t *public32)
{
    mt_noise_options_t options = { sizeof options, 0, 0, 0, NULL, NULL, 0, NULL };
    uint8_t secret[MT_X25519_KEY_LENGTH];
    mt_noise_t *side;
    must(mt_x25519_generate(secret, public32), "make a key pair");
    options.initiator = initiator;
    options.static_secret32 = secret;
    must(mt_noise_create(&side, &options), "begin a session");
    memset(secret, 0, sizeof secret);
    return side;
}

/* One message from a side to the other: the payload that arrives. */
static size_t carry(mt_noise_t *from, mt_noise_t *to, char *dst, size_t capacity, const char *payload)
{
    uint8_t message[1024];
    size_t length, payload_length;
    must(mt_noise_write(from, message, sizeof message, &length, (const uint8_t *)payload, strlen(payload)), "write a message");
    must(mt_noise_read(to, (uint8_t *)dst, capacity - 1, &payload_length, message, length), "read a message");
    dst[payload_length] = 0;
    return length;
}

int main(void)
{
    uint8_t client_key[MT_X25519_KEY_LENGTH], server_key[MT_X25519_KEY_LENGTH], seen[MT_X25519_KEY_LENGTH];
    mt_noise_t *client = begin(1, client_key), *server = begin(0, server_key);
    char text[256], echo[256];
    uint32_t state;
    int right;
    size_t length;

    /* Three messages, then both sides know and have proved who the other is. */
    carry(client, server, text, sizeof text, "");
    carry(server, client, text, sizeof text, "");
    carry(client, server, text, sizeof text, "");
    must(mt_noise_state(server, &state), "ask for the state");
    must(mt_noise_remote_key(server, seen), "ask for the client's key");
    right = state == MT_NOISE_ESTABLISHED && memcmp(seen, client_key, sizeof seen) == 0;
    must(mt_noise_remote_key(client, seen), "ask for the server's key");
    right &= memcmp(seen, server_key, sizeof seen) == 0;
    printf("%s the session is established, and each side knows the other's key\n", right ? "ok" : "not ok");

    length = carry(client, server, text, sizeof text, "hello");
    carry(server, client, echo, sizeof echo, text);
    right &= strcmp(echo, "hello") == 0;
    printf("%s hello and its echo travelled as messages of %zu bytes\n", right ? "ok" : "not ok", length);
    mt_noise_destroy(client);
    mt_noise_destroy(server);
    return right ? 0 : 1;
}
