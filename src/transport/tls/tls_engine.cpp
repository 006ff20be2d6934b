#include "tls/tls_engine.hpp"

#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>
#include <array>
#include <asio/ip/address.hpp>
#include <cassert>

#include "phyllo/identity/errc.hpp"
#include "phyllo/transport/errc.hpp"
#include "tls/tls_selection.hpp"

namespace phyllo::transport {
namespace {

// Ed25519 is off by default in BoringSSL; without these every overlay handshake fails for want of a common algorithm.
constexpr std::array<std::uint16_t, 1> own_algorithms{SSL_SIGN_ED25519};
// By which peers sign: what overlay certificates may hold, PKCS#1 in 1.2 only.
constexpr std::array<std::uint16_t, 4> peer_algorithms{SSL_SIGN_ED25519, SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_RSA_PSS_RSAE_SHA256,
                                                       SSL_SIGN_RSA_PKCS1_SHA256};
// Of TLS and DTLS 1.2, which 1.3 does not look at.
constexpr const char* overlay_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::array<std::uint16_t, 7> web_algorithms{
    SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_RSA_PSS_RSAE_SHA256, SSL_SIGN_RSA_PKCS1_SHA256, SSL_SIGN_ECDSA_SECP384R1_SHA384,
    SSL_SIGN_RSA_PSS_RSAE_SHA384,    SSL_SIGN_RSA_PKCS1_SHA384,    SSL_SIGN_ED25519};
// RFC 6347 s.4.2.4.1 starts at 1 s and allows less for time-sensitive uses; two overlay nodes are such.
constexpr unsigned dtls_initial_timeout_ms = 400;
constexpr int alert_reason_offset = 1000;  // SSL_R_*_ALERT_*: 1000 + the alert's number (ssl.h, SSL_AD_REASON_OFFSET)

core::bytes wire_alpn(const std::vector<std::string>& names) {
  core::bytes out;
  for (const auto& name : names) {
    out.push_back(static_cast<std::uint8_t>(name.size()));
    core::append(out, core::as_bytes(name));
  }
  return out;
}

bool is_address(const std::string& name) {
  asio::error_code ec;
  static_cast<void>(asio::ip::make_address(name, ec));
  return !ec;
}

}  // namespace

tls_engine::tls_engine(const tls_context& context, SSL_CTX* kind, bool datagrams)
    : context_(context), method_(context.method()), ssl_(SSL_new(kind)) {
  pipe_.datagrams = datagrams;
  BIO* bio = make_memory_bio(method_.get(), pipe_);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_shed_handshake_config(ssl_.get(), 1);  // what only a handshake needs goes with it
  if (!datagrams) return;
  SSL_set_mtu(ssl_.get(), datagram_bytes_max);
  DTLSv1_set_initial_timeout_duration(ssl_.get(), dtls_initial_timeout_ms);
}

tls_engine::tls_engine(const tls_context& context, server options)
    : tls_engine(context, context.native(options.datagrams), options.datagrams) {
  overlay_by_default_ = options.overlay_by_default;
  only_alpn_ = std::move(options.alpn);
  expected_ = options.expected;
  SSL_set_accept_state(ssl_.get());
}

tls_engine::tls_engine(const tls_context& context, overlay_client options)
    : tls_engine(context, context.native(options.datagrams), options.datagrams) {
  expected_ = options.expected;
  const auto alpn = wire_alpn({options.alpn});
  SSL_set_alpn_protos(ssl_.get(), alpn.data(), static_cast<unsigned>(alpn.size()));
  SSL_set_tlsext_host_name(ssl_.get(), context.trust()->overlay_name().c_str());
  SSL_set_connect_state(ssl_.get());
  if (!use_overlay_identity()) refusal_ = core::error(errc::handshake_failed, "this node has no overlay certificate yet");
  sessions_ = context.sessions();
  if (!expected_ || !options.resumes) return;
  if (const auto session = sessions_->take(*expected_, options.datagrams)) SSL_set_session(ssl_.get(), session.get());
}

core::result<std::unique_ptr<tls_engine>> tls_engine::make_web_client(const tls_context& context, const tls_client_options& options,
                                                                      const std::string& address) {
  std::unique_ptr<tls_engine> engine(new tls_engine(context, context.native_web_client(), false));
  SSL* ssl = engine->ssl_.get();
  const auto alpn = wire_alpn(options.alpn);
  if (!alpn.empty()) SSL_set_alpn_protos(ssl, alpn.data(), static_cast<unsigned>(alpn.size()));
  SSL_set_verify_algorithm_prefs(ssl, web_algorithms.data(), web_algorithms.size());
  const auto& name = options.server_name.empty() ? address : options.server_name;
  if (!is_address(name)) SSL_set_tlsext_host_name(ssl, name.c_str());
  SSL_set_connect_state(ssl);
  if (!options.verify) return engine;
  auto store = make_anchor_store(options.anchors_pem);
  if (!store) return core::fail(store.error());
  SSL_set0_verify_cert_store(ssl, store->release());
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set1_host(ssl, name.c_str());
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  return engine;
}

tls_engine::~tls_engine() { ERR_clear_error(); }

bool tls_engine::use_overlay_identity() {
  const auto& own = context_.overlay();
  if (!own || context_.trust() == nullptr) return false;
  if (const auto name = server_name(); SSL_is_server(ssl_.get()) && !name.empty() && name != context_.trust()->overlay_name()) {
    refusal_ = core::error(errc::handshake_failed, fmt::format("the peer asks for overlay {}", name));
    return false;
  }
  overlay_ = true;
  constexpr std::string_view resumable = "overlay";
  SSL_set_session_id_context(ssl_.get(), core::as_bytes(resumable).data(), resumable.size());
  SSL_set_signing_algorithm_prefs(ssl_.get(), own_algorithms.data(), own_algorithms.size());
  SSL_set_verify_algorithm_prefs(ssl_.get(), peer_algorithms.data(), peer_algorithms.size());
  SSL_set_strict_cipher_list(ssl_.get(), overlay_ciphers);
  SSL_set_custom_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify_overlay_peer);
  return own->show_in(ssl_.get());
}

bool tls_engine::use_web_identity() {
  const auto& web = context_.web();
  if (!web) return false;
  SSL_set_options(ssl_.get(), SSL_OP_NO_TICKET);
  return web->show_in(ssl_.get());
}

core::status tls_engine::check_peer(core::byte_view der) {
  auto parsed = identity::certificate::from_der(der);
  auto checked = parsed ? context_.trust()->check(*parsed, context_.env().wall_now()) : core::status(core::fail(parsed.error()));
  if (!checked) {
    refusal_ = core::error(errc::certificate_rejected, checked.error().message());
    return checked;
  }
  if (expected_ && parsed->node() != *expected_) {
    refusal_ = core::error(errc::wrong_peer, fmt::format("{} answers, not {}", parsed->node().hex(), expected_->hex()));
    return core::fail(*refusal_);
  }
  peer_ = std::move(*parsed);
  return {};
}

// A server that resumes a session is not asked whom it believes; it may think otherwise than it did then.
core::status tls_engine::check_resumed_peer() {
  if (!overlay_ || peer_) return {};
  const auto* chain = SSL_get0_peer_certificates(ssl_.get());
  if (chain == nullptr || sk_CRYPTO_BUFFER_num(chain) == 0) {
    refusal_ = core::error(errc::certificate_rejected, "the session that the peer resumes has none");
    return core::fail(*refusal_);
  }
  const auto* leaf = sk_CRYPTO_BUFFER_value(chain, 0);
  return check_peer({CRYPTO_BUFFER_data(leaf), CRYPTO_BUFFER_len(leaf)});
}

// True: it is ours now.
bool tls_engine::keep_session(SSL_SESSION* session) {
  if (!sessions_ || !peer_) return false;
  sessions_->keep(peer_->node(), pipe_.datagrams, bssl::UniquePtr<SSL_SESSION>(session));
  return true;
}

void tls_engine::feed(core::byte_view input) {
  if (!input.empty()) pipe_.input.push_back(core::to_bytes(input));
}

core::status tls_engine::handshake() {
  if (established_) return {};
  if (refusal_) return core::fail(*refusal_);
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    if (auto trusted = check_resumed_peer(); !trusted) return core::fail(*refusal_);
    established_ = true;
    return {};
  }
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return {};
  return core::fail(failure(result, "in the handshake"));
}

core::result<std::size_t> tls_engine::read(std::span<std::uint8_t> into) {
  ERR_clear_error();
  const int result = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  if (result > 0) return static_cast<std::size_t>(result);
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return 0;
  if (why == SSL_ERROR_ZERO_RETURN) return core::fail(errc::closed, "the peer closed the connection");
  return core::fail(failure(result, "after the handshake"));
}

core::status tls_engine::write(core::byte_view data) {
  if (pipe_.datagrams && data.size() > SSL3_RT_MAX_PLAIN_LENGTH) return core::fail(errc::too_large, "a DTLS record holds 16384 bytes");
  ERR_clear_error();
  while (!data.empty()) {  // the pipe takes all, so each turn writes a record at least
    const int result = SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()));
    if (result <= 0) return core::fail(failure(result, "in writing"));
    data = data.subspan(static_cast<std::size_t>(result));
  }
  return {};
}

void tls_engine::shutdown() {
  ERR_clear_error();
  if (established_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::optional<core::duration> tls_engine::timeout() const {
  timeval left{};
  if (!pipe_.datagrams || DTLSv1_get_timeout(ssl_.get(), &left) == 0) return std::nullopt;
  return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

core::status tls_engine::on_timeout() {
  ERR_clear_error();
  if (DTLSv1_handle_timeout(ssl_.get()) >= 0) return {};
  ERR_clear_error();
  return core::fail(errc::timed_out, "the DTLS handshake was retransmitted in vain");
}

link_token tls_engine::export_token() const {
  constexpr std::string_view label = "EXPERIMENTAL-phyllo-link";  // RFC 5705 s.4: labels that are in no registry begin so
  link_token out{};
  const auto done = SSL_export_keying_material(ssl_.get(), out.data(), out.size(), label.data(), label.size(), nullptr, 0, 0);
  assert(done == 1);
  static_cast<void>(done);
  return out;
}

std::string tls_engine::alpn() const {
  const std::uint8_t* data = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &data, &size);
  return std::string(core::as_text({data, size}));
}

std::string tls_engine::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : std::string(name);
}

core::error tls_engine::failure(int result, std::string_view doing) {
  if (refusal_) return *refusal_;
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  const char* text = ERR_reason_error_string(code);
  const long verified = SSL_get_verify_result(ssl_.get());
  ERR_clear_error();
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
    return core::error(errc::certificate_rejected, X509_verify_cert_error_string(verified));
  }
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > alert_reason_offset) {
    return core::error(errc::handshake_failed,
                       fmt::format("the peer sent alert {} {}", SSL_alert_desc_string_long(reason - alert_reason_offset), doing));
  }
  if (code == 0) return core::error(errc::closed, fmt::format("the connection ended {} ({})", doing, result));
  return core::error(established_ ? errc::malformed : errc::handshake_failed,
                     fmt::format("{} {}", text == nullptr ? "unknown" : text, doing));
}

}  // namespace phyllo::transport
