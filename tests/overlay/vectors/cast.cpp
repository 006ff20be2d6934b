#include "vectors/cast.hpp"

#include <openssl/nid.h>

#include <utility>

#include "boringssl.hpp"
#include "certificate_policies.hpp"
#include "reload_uri.hpp"
#include "subject_names.hpp"
#include "x509_builder.hpp"

namespace phyllo::testing {

using namespace identity;
using namespace std::chrono_literals;

namespace {

core::bytes seed_of(std::uint8_t octet) { return core::bytes(32, octet); }

private_key key_of(const core::bytes& seed) {
  return private_key(must(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())));
}

// As authority makes it, but for the serial number, which is random there.
bssl::UniquePtr<X509> numbered_x509(long serial, core::wall_time from, core::wall_time to) {
  auto x = blank_x509(from, to);
  must(ASN1_INTEGER_set(X509_get_serialNumber(x.get()), serial));
  return x;
}

core::bytes signed_der(X509* x, EVP_PKEY* by) {
  must(X509_sign(x, by, nullptr) > 0 ? 1 : 0);
  return x509_der(x);
}

core::bytes make_authority_der(const core::bytes& seed) {
  const auto now = core::from_unix_milliseconds(vectors_ms);
  const auto key = key_of(seed);
  const auto x = numbered_x509(1, now - clock_skew, now + std::chrono::days(3650));
  make_authority(x.get(), "Phyllo test vectors CA", key.native());
  return signed_der(x.get(), key.native());
}

struct part {
  std::string name;
  std::uint8_t octet;  // of the seed, 32 times
  std::uint8_t place;  // the Node-ID's first octet
  std::vector<std::string> domains;
  bool peer;
};

player issue(const cast& by, long serial, part p) {
  const auto now = core::from_unix_milliseconds(vectors_ms);
  const auto seed = seed_of(p.octet);
  auto key = key_of(seed);
  const auto node = vector_id(p.place);
  const auto user = p.name + "@example.com";
  const auto x = numbered_x509(serial, now - certificates_dated_back, now + std::chrono::days(30));
  set_issuer(x.get(), x509_from_der(by.authority_der).get());
  must(X509_set_pubkey(x.get(), key.native()));
  const subject_names names{reload_uri{node, vectors_overlay}.text(), user};
  add_extension(x.get(), NID_subject_alt_name, true, names.encode());
  const certificate_policies policies{p.domains, p.peer};
  if (!policies.empty()) add_extension(x.get(), NID_certificate_policies, false, policies.encode());
  auto made = certificate::from_der(signed_der(x.get(), key_of(by.authority_seed).native())).value();
  return {std::move(p.name), seed, node, user, std::move(p.domains), p.peer, {std::move(made), std::move(key)}};
}

}  // namespace

identity::node_id vector_id(std::uint8_t first, std::uint8_t last) {
  node_id id;
  id.octets.front() = first;
  id.octets.back() = last;
  return id;
}

cast::cast()
    : authority_seed(seed_of(0xca)),
      authority_der(make_authority_der(authority_seed)),
      alice(issue(*this, 2, {"alice", 0xa1, 0x10, {"example.com"}, true})),
      bob(issue(*this, 3, {"bob", 0xb0, 0x30, {}, true})),
      carol(issue(*this, 4, {"carol", 0xc0, 0x55, {}, false})),
      login(issue(*this, 5, {"login", 0x10, 0xd0, {}, true})) {}

}  // namespace phyllo::testing
