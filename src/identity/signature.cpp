#include "phyllo/identity/signature.hpp"

#include <algorithm>

#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

constexpr std::uint8_t cert_hash = 1;  // SignerIdentityType
constexpr std::uint8_t sha256_algorithm = 4;
constexpr std::size_t hash_bytes = 32;

// The parts, and after them: identity type (1) | length (2) | identity value
core::bytes joined(std::initializer_list<core::byte_view> parts, const signature& s) {
  core::bytes data;
  core::wire_writer w(data);
  auto size = 3 + s.identity_value.size();
  for (const auto part : parts) size += part.size();
  w.reserve(size);
  for (const auto part : parts) w.raw(part);
  w.u8(s.identity_type);
  w.opaque(2, s.identity_value);
  return data;
}

}  // namespace

const std::uint8_t* signature::certificate_hash() const noexcept {
  const bool fits = identity_type == cert_hash && identity_value.size() == 2 + hash_bytes && identity_value[0] == sha256_algorithm &&
                    identity_value[1] == hash_bytes;
  return fits ? identity_value.data() + 2 : nullptr;
}

void signature::write(core::wire_writer& w) const {
  w.u8(hash);
  w.u8(algorithm);
  w.u8(identity_type);
  w.opaque(2, identity_value);
  w.opaque(2, value);
}

signature signature::read(core::wire_reader& r) {
  signature s;
  s.hash = r.u8();
  s.algorithm = r.u8();
  s.identity_type = r.u8();
  s.identity_value = core::to_bytes(r.opaque(2));
  s.value = core::to_bytes(r.opaque(2));
  return s;
}

signature sign(const credential& by, std::initializer_list<core::byte_view> parts) {
  signature s;
  s.identity_value = {sha256_algorithm, hash_bytes};
  core::append(s.identity_value, by.certificate.fingerprint());
  s.value = by.key.sign(joined(parts, s));
  return s;
}

core::status verify(const signature& s, const certificate& signer, std::initializer_list<core::byte_view> parts) {
  const auto* hash = s.certificate_hash();
  if (hash == nullptr || !std::equal(hash, hash + hash_bytes, signer.fingerprint().begin())) {
    return core::fail(errc::unknown_signer, "the signature names another certificate");
  }
  return signer.verify(s.hash, s.algorithm, joined(parts, s), s.value);
}

}  // namespace phyllo::identity
