#include "boringssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <chrono>
#include <limits>
#include <stdexcept>

namespace phyllo::identity {

std::shared_ptr<EVP_PKEY> share(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }
std::shared_ptr<X509> share(X509* x) { return {x, X509_free}; }

bssl::UniquePtr<BIO> reading(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  return bssl::UniquePtr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(BIO* memory) {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  must(BIO_mem_contents(memory, &data, &size));
  return std::string(core::as_text({data, size}));
}

bssl::UniquePtr<X509> x509_from_der(core::byte_view der) {
  const std::uint8_t* at = der.data();
  bssl::UniquePtr<X509> x(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (x && at != der.data() + der.size()) x.reset();
  return x;
}

bssl::UniquePtr<X509> x509_from_pem(std::string_view pem) {
  const auto in = reading(pem);
  bssl::UniquePtr<X509> x(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return x;
}

core::bytes x509_der(X509* x) {
  std::uint8_t* out = nullptr;
  const int size = i2d_X509(x, &out);
  must(size > 0 ? 1 : 0);
  const bssl::UniquePtr<std::uint8_t> owner(out);
  return {out, out + size};
}

std::string x509_pem(X509* x) {
  const bssl::UniquePtr<BIO> out(must(BIO_new(BIO_s_mem())));
  must(PEM_write_bio_X509(out.get(), x));
  return written(out.get());
}

bssl::UniquePtr<EVP_PKEY> key_from_pem(std::string_view pem) {
  const auto in = reading(pem);
  // Nobody is there to type the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  bssl::UniquePtr<EVP_PKEY> key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr) : nullptr);
  ERR_clear_error();
  return key;
}

std::string key_pem(EVP_PKEY* key) {
  const bssl::UniquePtr<BIO> out(must(BIO_new(BIO_s_mem())));
  must(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr));
  return written(out.get());
}

core::wall_time from_asn1(const ASN1_TIME* t) {
  const bssl::UniquePtr<ASN1_TIME> epoch(must(ASN1_TIME_set(nullptr, 0)));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), t) != 1) return core::wall_time::min();
  // What a count of nanoseconds since 1970 can hold. RFC 5280 s.4.1.2.5 has the year 9999 for what never ends.
  constexpr int days_max = 100'000;
  if (days > days_max || days < -days_max) return days > 0 ? core::wall_time::max() : core::wall_time::min();
  return core::wall_time(std::chrono::days(days) + std::chrono::seconds(seconds));
}

void set_validity(X509* x, core::wall_time from, core::wall_time to) {
  must(ASN1_TIME_set(X509_getm_notBefore(x), std::chrono::system_clock::to_time_t(from)));
  must(ASN1_TIME_set(X509_getm_notAfter(x), std::chrono::system_clock::to_time_t(to)));
}

void set_random_serial(X509* x) {
  std::uint8_t serial[16];
  RAND_bytes(serial, sizeof serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);  // positive, and of a fixed length
  const bssl::UniquePtr<BIGNUM> number(must(BN_bin2bn(serial, sizeof serial, nullptr)));
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x)));
}

std::string library_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

void must(int ok) {
  if (ok == 1) return;
  throw std::runtime_error("BoringSSL: " + library_error());
}

}  // namespace phyllo::identity
