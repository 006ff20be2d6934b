#include "tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "phyllo/transport/errc.hpp"
#include "tls/read_certificates.hpp"
#include "tls/tls_selection.hpp"

namespace phyllo::transport {
namespace {

constexpr const char* system_anchors = "/etc/ssl/certs/ca-certificates.crt";

// Between nodes of an overlay sessions are resumed by tickets: the server keeps nothing. Phones and browsers get none.
bssl::UniquePtr<SSL_CTX> make_context(const SSL_METHOD* method, std::uint16_t least, tls_context::clock_function clock) {
  bssl::UniquePtr<SSL_CTX> ctx(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(ctx.get(), least);
  SSL_CTX_set_options(ctx.get(), SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx.get(), keep_session);
  SSL_CTX_set_reverify_on_resume(ctx.get(), 1);
  SSL_CTX_set_select_certificate_cb(ctx.get(), select_identity);
  SSL_CTX_set_alpn_select_cb(ctx.get(), select_alpn, nullptr);
  if (clock != nullptr) SSL_CTX_set_current_time_cb(ctx.get(), clock);
  return ctx;
}

}  // namespace

core::status check(const web_certificate& web) {
  const auto parsed = tls_identity::parse(web);
  return parsed ? core::status() : core::fail(parsed.error());
}

core::status check_anchors(const std::vector<std::string>& anchors_pem) {
  const auto store = make_anchor_store(anchors_pem);
  return store ? core::status() : core::fail(store.error());
}

tls_context::tls_context(core::environment& env, const identity::trust* trust, clock_function clock)
    : env_(env),
      trust_(trust),
      method_(make_memory_method()),
      tls_(make_context(TLS_with_buffers_method(), TLS1_2_VERSION, clock)),
      dtls_(make_context(DTLS_with_buffers_method(), DTLS1_2_VERSION, clock)),
      web_client_(make_context(TLS_method(), TLS1_2_VERSION, clock)) {}

void tls_context::set_credential(const std::shared_ptr<const identity::credential>& credential) {
  overlay_ = credential ? std::make_shared<const tls_identity>(tls_identity::of(*credential)) : nullptr;
  sessions_->clear();
}

void tls_context::log_keys(key_log log) {
  key_log_ = std::move(log);
  for (auto* ctx : {tls_.get(), dtls_.get(), web_client_.get()}) SSL_CTX_set_keylog_callback(ctx, key_log_ ? tell_keys : nullptr);
}

core::status tls_context::set_web(const web_certificate& pem) {
  auto parsed = tls_identity::parse(pem);
  if (!parsed) return core::fail(parsed.error());
  web_ = std::make_shared<const tls_identity>(std::move(*parsed));
  return {};
}

core::result<bssl::UniquePtr<X509_STORE>> make_anchor_store(const std::vector<std::string>& pem) {
  bssl::UniquePtr<X509_STORE> store(X509_STORE_new());
  if (pem.empty()) {
    X509_STORE_load_locations(store.get(), system_anchors, nullptr);  // absent: nothing is trusted
    ERR_clear_error();
    return store;
  }
  for (const auto& text : pem) {
    const auto certificates = read_certificates(text);
    if (certificates.empty()) return core::fail(errc::malformed, "a trust anchor is no PEM certificate");
    for (const auto& c : certificates) X509_STORE_add_cert(store.get(), c.get());
  }
  return store;
}

}  // namespace phyllo::transport
