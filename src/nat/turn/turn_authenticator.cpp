#include "turn/turn_authenticator.hpp"

#include <algorithm>
#include <array>

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

// In the order in which we like them.
constexpr std::array<stun::password_algorithm, 2> offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};
constexpr std::array<std::uint8_t, 8> offered_octets{0, 2, 0, 0, 0, 1, 0, 0};

}  // namespace

void turn_authenticator::challenge(stun::message_writer& w, const core::endpoint& client, core::time_point now) const {
  const auto nonce = nonces_.make(client, now);
  w.add_text(type::realm, realm_);
  w.add_text(type::nonce, {nonce.data(), nonce.size()});
  w.add_algorithms(offered);
}

// Where the nonce says that algorithms may be chosen: both attributes or neither, and ours as we sent them.
int turn_authenticator::read_algorithm(const stun::message_view& m, claims& out) const {
  const auto chosen = m.find(type::password_algorithm);
  const auto told = m.find(type::password_algorithms);
  const bool may_choose = (stun::features_of(out.nonce) & stun::feature_password_algorithms) != 0;
  if (!may_choose || (!chosen && !told)) return 0;
  if (!chosen || !told || !core::equal(*told, offered_octets)) return 400;
  const auto known = stun::algorithm_of(*chosen);
  if (!known) return 400;
  out.algorithm = *known;
  out.algorithm_named = true;
  return 0;
}

int turn_authenticator::read(const stun::message_view& m, claims& out, std::string& named) const {
  const auto user = m.find(type::username);
  const auto hash = m.find(type::userhash);
  const auto realm = m.find(type::realm);
  const auto nonce = m.find(type::nonce);
  if ((!user && !hash) || !realm || !nonce) return 400;
  out.nonce = core::as_text(*nonce);
  if (const auto code = read_algorithm(m, out); code != 0) return code;
  if (core::as_text(*realm) != realm_) return 401;
  if (user) {
    out.user = core::as_text(*user);
    return 0;
  }
  stun::user_hash wanted{};
  if (hash->size() != wanted.size()) return 400;
  std::ranges::copy(*hash, wanted.begin());
  const auto found = credentials_.user_of(wanted, realm_);
  if (!found) return 401;
  named = *found;
  out.user = named;
  return 0;
}

int turn_authenticator::check(turn_request& r, core::wall_time wall_now) const {
  const auto& m = r.message;
  if (!m.has_integrity() && !m.has_integrity_sha256()) return 401;
  claims c;
  std::string named;
  if (const auto code = read(m, c, named); code != 0) return code;
  // Before the key, which costs more. An old nonce tells nothing of whether the rest is good.
  if (!nonces_.good(c.nonce, r.from.client, r.now)) return 438;
  const auto key = credentials_.key_of(c.user, realm_, c.algorithm, wall_now);
  if (!key) return 401;
  const bool genuine = m.has_integrity_sha256() ? m.verify_sha256(key->octets()) : m.verify(key->octets());
  if (!genuine) return 401;
  r.user = c.user;
  r.key = *key;
  r.sha256 = c.algorithm_named || !m.has_integrity();
  return 0;
}

}  // namespace phyllo::nat
