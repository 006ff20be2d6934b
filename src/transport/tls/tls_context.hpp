// What all TLS and DTLS connections of a host share: its two identities (F2, F4 of the links specification), whom it
// trusts, and BoringSSL's contexts.
//
//   overlay  Ed25519, both ends show certificates, checked through identity::trust; ALPN phyllo-reload or phyllo-sip,
//            or port 6084 without ALPN
//   web      P-256 or RSA (browsers and most phones refuse Ed25519); the client is asked for no certificate
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/transport/host.hpp"
#include "tls/memory_bio.hpp"
#include "tls/session_cache.hpp"
#include "tls/tls_identity.hpp"

namespace phyllo::transport {

inline constexpr std::string_view alpn_reload = "phyllo-reload";
inline constexpr std::string_view alpn_move = "phyllo-reload-move";  // a carrier for a link that is there already
inline constexpr std::string_view alpn_sip_overlay = "phyllo-sip";

class tls_context {
 public:
  // BoringSSL asks for time without saying for whom, so a test's clock is a plain function; null: the system's.
  using clock_function = void (*)(const SSL*, timeval*);

  // `env` and `trust` must outlive it; without `trust` it makes web clients only.
  tls_context(core::environment& env, const identity::trust* trust, clock_function clock = nullptr);

  // Every connection's secrets, a line each in the form of NSS's key log, for those who read a capture. Empty: off.
  using key_log = std::function<void(std::string_view line)>;
  void log_keys(key_log log);
  [[nodiscard]] const key_log& logged_keys() const noexcept { return key_log_; }

  // Sessions were made with the old certificate: they go.
  void set_credential(const std::shared_ptr<const identity::credential>& credential);
  core::status set_web(const web_certificate& pem);  // errc::malformed leaves the old one

  [[nodiscard]] core::environment& env() const noexcept { return env_; }
  [[nodiscard]] const identity::trust* trust() const noexcept { return trust_; }
  [[nodiscard]] const std::shared_ptr<const tls_identity>& overlay() const noexcept { return overlay_; }  // null: not yet
  [[nodiscard]] const std::shared_ptr<const tls_identity>& web() const noexcept { return web_; }          // null: none
  [[nodiscard]] SSL_CTX* native(bool datagrams) const noexcept { return datagrams ? dtls_.get() : tls_.get(); }
  // BoringSSL's own checks of a chain are for this one alone: X.509 as it parses it takes several KiB a connection.
  [[nodiscard]] SSL_CTX* native_web_client() const noexcept { return web_client_.get(); }
  [[nodiscard]] const std::shared_ptr<session_cache>& sessions() const noexcept { return sessions_; }
  [[nodiscard]] const bio_method& method() const noexcept { return method_; }

 private:
  core::environment& env_;
  const identity::trust* trust_;
  std::shared_ptr<const tls_identity> overlay_;
  std::shared_ptr<const tls_identity> web_;
  bio_method method_;
  key_log key_log_;
  std::shared_ptr<session_cache> sessions_ = std::make_shared<session_cache>();
  bssl::UniquePtr<SSL_CTX> tls_;
  bssl::UniquePtr<SSL_CTX> dtls_;
  bssl::UniquePtr<SSL_CTX> web_client_;
};

// Anchors for a web client: the PEM texts, or the system's bundle where there are none. errc::malformed.
[[nodiscard]] core::result<bssl::UniquePtr<X509_STORE>> make_anchor_store(const std::vector<std::string>& pem);

}  // namespace phyllo::transport
