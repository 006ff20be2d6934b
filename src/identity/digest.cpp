#include "phyllo/identity/digest.hpp"

#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/mem.h>
#include <openssl/sha.h>

#include <algorithm>

namespace phyllo::identity {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> hmac(const EVP_MD* hash, core::byte_view key, std::initializer_list<core::byte_view> parts) {
  bssl::ScopedHMAC_CTX context;
  HMAC_Init_ex(context.get(), key.data(), key.size(), hash, nullptr);
  for (const auto part : parts) HMAC_Update(context.get(), part.data(), part.size());
  std::array<std::uint8_t, Size> out;
  unsigned size = 0;
  HMAC_Final(context.get(), out.data(), &size);
  return out;
}

}  // namespace

sha256_digest sha256(core::byte_view data) { return sha256({data}); }

sha256_digest sha256(std::initializer_list<core::byte_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const auto part : parts) SHA256_Update(&context, part.data(), part.size());
  sha256_digest out;
  SHA256_Final(out.data(), &context);
  return out;
}

std::array<std::uint8_t, 20> sha1(core::byte_view data) {
  std::array<std::uint8_t, 20> out;
  SHA1(data.data(), data.size(), out.data());
  return out;
}

std::array<std::uint8_t, 16> md5(std::initializer_list<core::byte_view> parts) {
  MD5_CTX context;
  MD5_Init(&context);
  for (const auto part : parts) MD5_Update(&context, part.data(), part.size());
  std::array<std::uint8_t, MD5_DIGEST_LENGTH> out;
  MD5_Final(out.data(), &context);
  return out;
}

std::string md5_hex(std::string_view text) { return core::to_hex(md5({core::as_bytes(text)})); }

std::string sha256_hex(std::string_view text) { return core::to_hex(sha256(core::as_bytes(text))); }

sha256_digest hmac_sha256(core::byte_view key, core::byte_view data) { return hmac_sha256(key, {data}); }

sha256_digest hmac_sha256(core::byte_view key, std::initializer_list<core::byte_view> parts) { return hmac<32>(EVP_sha256(), key, parts); }

std::array<std::uint8_t, 20> hmac_sha1(core::byte_view key, std::initializer_list<core::byte_view> parts) {
  return hmac<20>(EVP_sha1(), key, parts);
}

bool constant_time_equal(core::byte_view a, core::byte_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

node_id ring_hash(core::byte_view data) {
  const auto digest = sha256(data);
  node_id id;
  std::copy_n(digest.begin(), node_id::size, id.octets.begin());
  return id;
}

}  // namespace phyllo::identity
