// One TLS 1.3/1.2 or DTLS 1.2 (RFC 6347) connection as a pure machine: bytes in, bytes out. It owns no socket; the
// shell feeds what arrives, sends what take_output() gives, and calls on_timeout() when due.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/transport/host.hpp"
#include "tls/link_token.hpp"
#include "tls/memory_bio.hpp"
#include "tls/tls_context.hpp"

namespace phyllo::transport {

// The largest UDP payload we send. 1280 is IPv6's least MTU (RFC 8200 s.5); less 40 and 8 bytes of headers.
inline constexpr std::size_t datagram_bytes_max = 1232;

class tls_engine {
 public:
  struct server {
    bool datagrams = false;
    bool overlay_by_default = false;              // port 6084: a ClientHello without ALPN is a foreign RELOAD peer's
    std::string alpn{};                           // the one name that is taken, with the overlay's certificates; empty: all that we know
    std::optional<identity::node_id> expected{};  // errc::wrong_peer for any other
  };
  struct overlay_client {
    bool datagrams = false;
    std::string alpn{alpn_reload};
    std::optional<identity::node_id> expected;  // errc::wrong_peer for any other
    bool resumes = true;                        // false: no ticket, which makes a ClientHello large
  };

  // `context` must live until the handshake is over.
  tls_engine(const tls_context& context, server options);
  tls_engine(const tls_context& context, overlay_client options);
  // errc::malformed: an anchor. `address` is what is checked where no server_name is given.
  [[nodiscard]] static core::result<std::unique_ptr<tls_engine>> make_web_client(const tls_context& context,
                                                                                 const tls_client_options& options,
                                                                                 const std::string& address);
  ~tls_engine();
  tls_engine(const tls_engine&) = delete;
  tls_engine& operator=(const tls_engine&) = delete;

  void feed(core::byte_view input);  // any bytes (TLS), or one datagram (DTLS)

  // Carries the handshake on. handshake_failed, certificate_rejected, wrong_peer: final; send the output (an alert).
  core::status handshake();
  [[nodiscard]] bool established() const noexcept { return established_; }

  // 0: feed more. closed: the peer said so. handshake_failed (an alert), malformed: broken.
  core::result<std::size_t> read(std::span<std::uint8_t> into);
  // One record (DTLS: at most 16384 bytes, too_large) or as many as needed. closed.
  core::status write(core::byte_view data);
  void shutdown();  // a close_notify goes to the output

  [[nodiscard]] bool has_output() const noexcept { return !pipe_.output.empty(); }
  [[nodiscard]] std::vector<core::bytes> take_output() { return std::exchange(pipe_.output, {}); }

  // DTLS: when to call on_timeout() (nothing: no timer runs). It retransmits the last flight; timed_out after too many.
  [[nodiscard]] std::optional<core::duration> timeout() const;
  core::status on_timeout();

  [[nodiscard]] bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
  [[nodiscard]] bool overlay() const noexcept { return overlay_; }                                   // the overlay identity was used
  [[nodiscard]] const std::optional<identity::certificate>& peer() const noexcept { return peer_; }  // checked by trust
  [[nodiscard]] link_token export_token() const;                                                     // established
  [[nodiscard]] std::string alpn() const;
  [[nodiscard]] std::string server_name() const;
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }

 private:
  friend ssl_select_cert_result_t select_identity(const SSL_CLIENT_HELLO* hello);
  friend int select_alpn(SSL* ssl, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* offered, unsigned size, void*);
  friend int keep_session(SSL* ssl, SSL_SESSION* session);
  friend void tell_keys(const SSL* ssl, const char* line);
  friend ssl_verify_result_t verify_overlay_peer(SSL* ssl, std::uint8_t* alert);

  tls_engine(const tls_context& context, SSL_CTX* kind, bool datagrams);
  bool use_overlay_identity();
  bool use_web_identity();
  core::status check_peer(core::byte_view der);
  core::status check_resumed_peer();
  bool keep_session(SSL_SESSION* session);
  core::error failure(int result, std::string_view doing);

  const tls_context& context_;
  bio_method method_;
  memory_pipe pipe_;
  bssl::UniquePtr<SSL> ssl_;
  std::shared_ptr<session_cache> sessions_;  // an overlay client's: tickets come after the handshake
  std::optional<identity::node_id> expected_;
  std::optional<identity::certificate> peer_;
  std::optional<core::error> refusal_;  // why we turned the peer down
  std::string only_alpn_;
  bool overlay_ = false;
  bool overlay_by_default_ = false;
  bool established_ = false;
};

}  // namespace phyllo::transport
