#include "tls/tls_selection.hpp"

#include <openssl/pool.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/transport/errc.hpp"
#include "tls/tls_engine.hpp"

namespace phyllo::transport {
namespace {

tls_engine& engine_of(const SSL* ssl) { return *static_cast<tls_engine*>(SSL_get_app_data(ssl)); }

// RFC 7301 s.3.1: ProtocolName protocol_name_list<2..2^16-1>, here without its outer length.
bool offers(core::byte_view list, std::string_view name) {
  core::wire_reader r(list);
  while (r.ok() && !r.empty()) {  // each turn takes a byte at least
    if (core::as_text(r.opaque(1)) == name) return true;
  }
  return false;
}

core::byte_view offered_alpn(const SSL_CLIENT_HELLO* hello) {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  if (SSL_early_callback_ctx_extension_get(hello, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 0) return {};
  core::wire_reader r({data, size});
  return r.opaque(2);
}

std::uint8_t alert_for(const core::error& why) {
  if (why == identity::errc::expired) return SSL_AD_CERTIFICATE_EXPIRED;
  if (why == identity::errc::revoked) return SSL_AD_CERTIFICATE_REVOKED;
  if (why == identity::errc::unknown_issuer) return SSL_AD_UNKNOWN_CA;
  if (why == identity::errc::malformed_certificate) return SSL_AD_BAD_CERTIFICATE;
  return SSL_AD_CERTIFICATE_UNKNOWN;
}

}  // namespace

ssl_select_cert_result_t select_identity(const SSL_CLIENT_HELLO* hello) {
  auto& engine = engine_of(hello->ssl);
  const auto alpn = offered_alpn(hello);
  const auto& only = engine.only_alpn_;
  const bool known = offers(alpn, alpn_reload) || offers(alpn, alpn_move) || offers(alpn, alpn_sip_overlay);
  const bool named = only.empty() ? known : offers(alpn, only);
  const bool overlay = named || (alpn.empty() && engine.overlay_by_default_);
  const bool usable = overlay ? engine.use_overlay_identity() : engine.use_web_identity();
  return usable ? ssl_select_cert_success : ssl_select_cert_error;
}

int select_alpn(SSL* ssl, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* offered, unsigned size, void*) {
  static constexpr std::array<std::string_view, 3> overlay_names{alpn_reload, alpn_move, alpn_sip_overlay};
  // TURN first: its clients offer http/1.1, too, as cover (coturn's), and no browser offers TURN.
  static constexpr std::array<std::string_view, 4> web_names{"stun.turn", "stun.nat-discovery", "http/1.1", "sip/2"};
  const core::byte_view list(offered, size);
  using list_of_names = std::span<const std::string_view>;
  const std::array<std::string_view, 1> only{engine_of(ssl).only_alpn_};
  auto names = engine_of(ssl).overlay() ? list_of_names(overlay_names) : list_of_names(web_names);
  if (!only.front().empty()) names = only;
  const auto name = std::ranges::find_if(names, [&](std::string_view n) { return offers(list, n); });
  if (name == names.end()) return SSL_TLSEXT_ERR_NOACK;
  *out = core::as_bytes(*name).data();
  *out_size = static_cast<std::uint8_t>(name->size());
  return SSL_TLSEXT_ERR_OK;
}

int keep_session(SSL* ssl, SSL_SESSION* session) { return engine_of(ssl).keep_session(session) ? 1 : 0; }

void tell_keys(const SSL* ssl, const char* line) {
  if (const auto& log = engine_of(ssl).context_.logged_keys()) log(line);
}

ssl_verify_result_t verify_overlay_peer(SSL* ssl, std::uint8_t* alert) {
  auto& engine = engine_of(ssl);
  const auto* chain = SSL_get0_peer_certificates(ssl);
  if (chain == nullptr || sk_CRYPTO_BUFFER_num(chain) == 0) return ssl_verify_invalid;
  const auto* leaf = sk_CRYPTO_BUFFER_value(chain, 0);
  const auto checked = engine.check_peer({CRYPTO_BUFFER_data(leaf), CRYPTO_BUFFER_len(leaf)});
  if (checked) return ssl_verify_ok;
  *alert = alert_for(checked.error());
  return ssl_verify_invalid;
}

}  // namespace phyllo::transport
