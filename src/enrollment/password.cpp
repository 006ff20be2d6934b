#include "password.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace phyllo::enrollment {
namespace {

constexpr std::uint64_t block_size = 8;       // r
constexpr std::uint64_t parallelization = 1;  // p

}  // namespace

core::bytes random_bytes(std::size_t count) {
  core::bytes out(count);
  RAND_bytes(out.data(), out.size());
  return out;
}

core::bytes derive_verifier(std::string_view password, core::byte_view salt, unsigned log2_n) {
  if (log2_n < 1 || log2_n > scrypt_log2_n_max) return {};
  const std::uint64_t n = std::uint64_t{1} << log2_n;
  // scrypt takes 128 N r bytes and a little; BoringSSL's own limit, 32 MiB, would refuse N >= 2^15.
  const auto memory_max = static_cast<std::size_t>(128 * block_size * (n + 16));
  core::bytes out(verifier_bytes);
  const int ok = EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), n, block_size, parallelization, memory_max,
                                out.data(), out.size());
  if (ok != 1) return {};
  return out;
}

}  // namespace phyllo::enrollment
