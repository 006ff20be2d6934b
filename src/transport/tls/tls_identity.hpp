// A certificate chain with its key, in the form that connections show it: parsed once, shared by all.
#pragma once

#include <openssl/pool.h>
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::transport {

class tls_identity {
 public:
  [[nodiscard]] static core::result<tls_identity> parse(const web_certificate& pem);  // errc::malformed
  [[nodiscard]] static tls_identity of(const identity::credential& c);

  // False: BoringSSL refuses the key.
  [[nodiscard]] bool show_in(SSL* ssl) const;

 private:
  void add(core::byte_view der);

  std::vector<bssl::UniquePtr<CRYPTO_BUFFER>> chain_;  // leaf first
  bssl::UniquePtr<EVP_PKEY> key_;
};

}  // namespace phyllo::transport
