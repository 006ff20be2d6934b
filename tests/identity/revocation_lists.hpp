// The revocation list of a small overlay: its signer, and those that read it.
#pragma once

#include <random>

#include "forge.hpp"
#include "phyllo/identity/revocation_list.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::testing {

using identity::authority;
using identity::credential;
using identity::node_id;
using identity::read_revocation_head;
using identity::revocation;
using identity::revocation_head;
using identity::revocation_list;
using identity::revoked_for_good;
using identity::trust;

// An overlay's signer, and readers of its list.
struct lists {
  authority ca = authority::create("login.example.com", today);
  credential signer = credential_for(ca, 7, "signer@example.com");
  std::vector<node_id> signers{signer.certificate.node()};
  std::mt19937_64 random{4};

  [[nodiscard]] std::unique_ptr<trust> reader() const {
    auto t = std::make_unique<trust>(overlay_name);
    REQUIRE(t->update({ca.certificate_der()}, {}));
    return t;
  }
  [[nodiscard]] core::result<revocation_head> read(const trust& t, core::byte_view text) const {
    return read_revocation_head(text, t, signers, today);
  }
  // What `of` says, and these.
  [[nodiscard]] revocation_list::next add(const revocation_list& of, std::vector<revocation> more, std::uint64_t number = 0) {
    all.insert(all.end(), more.begin(), more.end());
    return of.succeed(all, number, overlay_name, signer).value();
  }
  [[nodiscard]] std::vector<revocation> some(std::size_t count) {
    std::vector<revocation> out(count);
    for (auto& e : out) {
      for (auto& o : e.key.octets) o = static_cast<std::uint8_t>(random());
      e.before = revoked_for_good;
    }
    return out;
  }
  std::vector<revocation> all;
};

inline void take(trust& t, const revocation_list::next& n) {
  REQUIRE(t.revocations().seek(n.head));
  REQUIRE(t.revocations().apply(n.delta));
}

// Leaf by leaf, as a joiner comes by it; gives back the pieces that it took.
inline std::size_t copy(const revocation_list& from, revocation_list& to) {
  if (to.seek(from.head())) REQUIRE(to.take_digests(from.digests()));
  std::size_t pieces = 0;
  for (const auto i : to.lacking()) {
    REQUIRE(to.take_leaf(i, from.leaf(i).value()));
    ++pieces;
  }
  return pieces;
}

inline core::wall_time at_second(std::uint32_t s) { return core::from_unix_milliseconds(std::uint64_t{s} * 1000); }

}  // namespace phyllo::testing
