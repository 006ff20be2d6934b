// The login server (RFC 6940 s.11.3): password and certificate request in, certificate out; and the bootstrap
// server (s.11.2): the signed configuration document and the list of live supernodes. Both are HTTP handlers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/enrollment/login_settings.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::enrollment {

struct login_options : login_settings {
  std::string overlay_name;
  unsigned scrypt_threads = 1;  // each takes 128 MiB at 2^17 while it computes
};

// Thread: env's executor; scrypt runs on threads of its own. References outlive it.
class login_server {
 public:
  // `trust` is the overlay's: it says which certificates are good for a request.
  [[nodiscard]] static std::unique_ptr<login_server> create(core::environment& env, login_options o, accounts& a,
                                                            const identity::authority& ca, const identity::trust& trust, core::metrics& m,
                                                            core::logger log);
  // Whether it is the login server's.
  [[nodiscard]] static bool serves(std::string_view path) noexcept;
  virtual ~login_server() = default;
  virtual void limit_attempts(unsigned per_minute) = 0;  // as login_options has it, from now on
  // Asked before each enrollment and renewal: while it says why, none is taken (503), since what is signed could not be remembered.
  virtual void refuse_while(std::function<std::optional<std::string>()> why) = 0;
  // POST, multipart or urlencoded: /.well-known/reload-enroll (`username`, `password`, `csr`; ours: `device`), and by certificate
  // /.well-known/phyllo-renew and /.well-known/phyllo-domain-keys. Anything else: 404/405.
  virtual core::awaitable<transport::http_response> handle(transport::http_request r) = 0;
};

class bootstrap_server {
 public:
  // The list of supernodes as it is now, signed (supernode_list.hpp); empty while there is nobody to sign it.
  using live_list = std::function<std::string()>;
  [[nodiscard]] static std::unique_ptr<bootstrap_server> create(live_list live);
  virtual ~bootstrap_server() = default;
  virtual void publish(std::string document, std::string signer_certificate_pem) = 0;
  // The revocation list as it is now (identity.md), whole; empty while there is none.
  virtual void serve_revocations(std::function<std::string()> list) = 0;
  // GET /.well-known/reload-config, /.well-known/phyllo-revocations, /.well-known/phyllo-supernodes, /.well-known/phyllo-signer.
  virtual core::awaitable<transport::http_response> handle(transport::http_request r) = 0;
};

}  // namespace phyllo::enrollment
