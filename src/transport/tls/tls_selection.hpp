// BoringSSL's callbacks during a handshake: which identity a ClientHello gets, which ALPN, whom we believe.
#pragma once

#include <openssl/ssl.h>

namespace phyllo::transport {

ssl_select_cert_result_t select_identity(const SSL_CLIENT_HELLO* hello);
int select_alpn(SSL* ssl, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* offered, unsigned size, void*);
int keep_session(SSL* ssl, SSL_SESSION* session);
void tell_keys(const SSL* ssl, const char* line);
ssl_verify_result_t verify_overlay_peer(SSL* ssl, std::uint8_t* alert);

}  // namespace phyllo::transport
