#include "phyllo/identity/token_key.hpp"

#include <openssl/aead.h>
#include <openssl/err.h>

#include <array>

#include "boringssl.hpp"

namespace phyllo::identity {
namespace {

constexpr std::array<std::uint8_t, 12> nonce{};

}  // namespace

token_key::token_key(const sha256_digest& secret)
    : context_(must(EVP_AEAD_CTX_new(EVP_aead_aes_256_gcm_siv(), secret.data(), secret.size(), overhead)), EVP_AEAD_CTX_free) {}

core::bytes token_key::seal(core::byte_view context, core::byte_view plain) const {
  core::bytes out(plain.size() + overhead);
  std::size_t size = 0;
  must(EVP_AEAD_CTX_seal(context_.get(), out.data(), &size, out.size(), nonce.data(), nonce.size(), plain.data(), plain.size(),
                         context.data(), context.size()));
  out.resize(size);
  return out;
}

std::optional<core::bytes> token_key::open(core::byte_view context, core::byte_view sealed) const {
  core::bytes out(sealed.size());
  std::size_t size = 0;
  if (EVP_AEAD_CTX_open(context_.get(), out.data(), &size, out.size(), nonce.data(), nonce.size(), sealed.data(), sealed.size(),
                        context.data(), context.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

}  // namespace phyllo::identity
