#include "tls/tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "phyllo/transport/errc.hpp"
#include "tls/read_certificates.hpp"

namespace phyllo::transport {
namespace {

core::bytes der_of(X509* x) {
  std::uint8_t* out = nullptr;
  const int size = i2d_X509(x, &out);
  const bssl::UniquePtr<std::uint8_t> owner(out);
  return size > 0 ? core::bytes(out, out + size) : core::bytes();
}

}  // namespace

void tls_identity::add(core::byte_view der) { chain_.emplace_back(CRYPTO_BUFFER_new(der.data(), der.size(), nullptr)); }

core::result<tls_identity> tls_identity::parse(const web_certificate& pem) {
  const auto chain = read_certificates(pem.chain_pem);
  if (chain.empty()) return core::fail(errc::malformed, "the web certificate's chain holds no PEM certificate");
  tls_identity out;
  const bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.key_pem.data(), static_cast<int>(pem.key_pem.size())));
  out.key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!out.key_) return core::fail(errc::malformed, "the web certificate's key is no PEM private key");
  if (X509_check_private_key(chain.front().get(), out.key_.get()) != 1) {
    ERR_clear_error();
    return core::fail(errc::malformed, "the web certificate and its key do not belong together");
  }
  for (const auto& x : chain) out.add(der_of(x.get()));
  return out;
}

tls_identity tls_identity::of(const identity::credential& c) {
  tls_identity out;
  out.add(c.certificate.der());
  EVP_PKEY_up_ref(c.key.native());
  out.key_.reset(c.key.native());
  return out;
}

bool tls_identity::show_in(SSL* ssl) const {
  std::vector<CRYPTO_BUFFER*> chain;
  chain.reserve(chain_.size());
  for (const auto& c : chain_) chain.push_back(c.get());
  return SSL_set_chain_and_key(ssl, chain.data(), chain.size(), key_.get(), nullptr) == 1;
}

}  // namespace phyllo::transport
