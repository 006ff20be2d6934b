// What a TURN client makes of what comes from its server (RFC 8489 s.9.2.5; RFC 8656 s.7.3, s.7.4, s.8.3, s.10.3, s.11.4, s.12.3).
#include <algorithm>
#include <utility>

#include "phyllo/stun/nonce.hpp"
#include "turn/turn_client.hpp"

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;
using news_kind = turn_client::news::what;

constexpr std::chrono::seconds refresh_before{60};
constexpr core::duration permission_refresh = std::chrono::seconds(240);  // a minute before it ends (RFC 8656 s.9)
constexpr unsigned challenges_max = 3;

// A server that can not, or need not, show the key says these without it.
bool may_be_unguarded(int code) { return code == 300 || code == 400 || code == 401 || code == 438; }

}  // namespace

turn_client::news turn_client::receive(core::byte_view octets, core::time_point now) {
  if (!octets.empty() && octets[0] >= 64) return on_channel_data(octets);
  const auto m = stun::message_view::parse(octets);
  if (!m) return {};
  if (m->kind() == stun::message_class::indication) return on_indication(*m);
  const bool ours =
      flight_ && m->kind() != stun::message_class::request && m->transaction() == flight_->id && m->what() == flight_->of.what;
  if (!ours) return {};
  const bool success = m->kind() == stun::message_class::success;
  if (success && !genuine(*m)) return {};  // RFC 8489 s.9.2.5: as if it had not come
  if (!success) {
    const auto value = m->find(type::error_code);
    const auto error = value ? stun::error_of(*value) : std::nullopt;
    if (!error || (!may_be_unguarded(error->code) && !genuine(*m))) return {};
  }
  auto f = std::move(*flight_);
  flight_.reset();
  const auto out = success ? on_success(*m, f.of, now) : on_error(*m, std::move(f), now);
  start_next(now);
  return out;
}

bool turn_client::genuine(const stun::message_view& m) const {
  if (nonce_.empty()) return false;
  return m.has_integrity_sha256() ? m.verify_sha256(key_.octets()) : !algorithm_ && m.verify(key_.octets());
}

// False: the server does not say what is needed, or somebody took its algorithms out (RFC 8489 s.9.2.1).
bool turn_client::learn_challenge(const stun::message_view& m) {
  const auto realm = m.find(type::realm);
  const auto nonce = m.find(type::nonce);
  if (!realm || !nonce) return false;
  const auto offered = m.find(type::password_algorithms);
  const bool may_choose = (stun::features_of(core::as_text(*nonce)) & stun::feature_password_algorithms) != 0;
  if (may_choose != offered.has_value()) return false;
  algorithm_.reset();
  algorithms_.clear();
  if (offered) {
    algorithm_ = stun::preferred_algorithm(*offered);
    if (!algorithm_) return false;
    algorithms_ = core::to_bytes(*offered);
  }
  realm_ = core::as_text(*realm);
  nonce_ = core::as_text(*nonce);
  key_ = stun::make_long_term_key(algorithm_.value_or(stun::password_algorithm::md5), settings_.username, realm_, settings_.password);
  return true;
}

turn_client::news turn_client::on_error(const stun::message_view& m, flight f, core::time_point now) {
  const auto code = stun::error_of(*m.find(type::error_code))->code;
  const bool challenged = code == 438 || (code == 401 && nonce_.empty());
  if (!challenged || f.challenges >= challenges_max || !learn_challenge(m)) return give_up(f.of, code, now);
  waiting_.push_front(f.of);
  start_next(now, f.challenges + 1);
  return {};
}

turn_client::news turn_client::give_up(const job& j, int code, core::time_point) {
  const bool of_peer = j.what == stun::method::create_permission || j.what == stun::method::channel_bind;
  if (of_peer && code != 437) {
    peers_.erase(j.peer);
    return {news_kind::refused, j.peer, code};
  }
  state_ = state::ended;
  waiting_.clear();
  peers_.clear();
  refresh_at_ = core::time_point::max();
  return {news_kind::ended, {}, code};
}

turn_client::news turn_client::on_allocated(const stun::message_view& m, core::time_point now) {
  relayed_ = stun::xor_address_in(m, type::xor_relayed_address);
  mapped_ = stun::xor_address_in(m, type::xor_mapped_address);
  if (!relayed_) return give_up({}, 0, now);
  state_ = state::allocated;
  return {news_kind::allocated};
}

turn_client::news turn_client::on_success(const stun::message_view& m, const job& j, core::time_point now) {
  if (j.what == stun::method::allocate || j.what == stun::method::refresh) {
    const auto value = m.find(type::lifetime);
    const auto seconds = std::chrono::seconds(value ? stun::number32_of(*value).value_or(0) : 0);
    if (state_ == state::releasing) return give_up(j, 0, now);
    refresh_at_ = now + std::max(seconds - refresh_before, seconds / 2);
    return j.what == stun::method::allocate ? on_allocated(m, now) : news{};
  }
  const auto p = peers_.find(j.peer);
  if (p == peers_.end()) return {};
  p->second.refresh_at = now + permission_refresh;
  const bool binds = j.what == stun::method::channel_bind && !p->second.bound;
  p->second.bound = p->second.bound || binds;
  if (std::exchange(p->second.told, true) && !binds) return {};
  return {binds ? news_kind::bound : news_kind::permitted, j.peer};
}

turn_client::news turn_client::on_indication(const stun::message_view& m) const {
  const auto peer = stun::xor_address_in(m, type::xor_peer_address);
  const auto data = m.find(type::data);
  if (m.what() != stun::method::data || !peer || !data) return {};
  return {news_kind::data, *peer, 0, *data};
}

turn_client::news turn_client::on_channel_data(core::byte_view octets) const {
  if (octets.size() < 4) return {};
  const auto number = static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
  const auto length = static_cast<std::size_t>(octets[2]) << 8 | octets[3];
  const auto p = std::ranges::find_if(peers_, [number](const auto& x) { return x.second.bound && x.second.channel == number; });
  if (p == peers_.end() || length > octets.size() - 4) return {};
  return {news_kind::data, p->first, 0, octets.subspan(4, length)};
}

}  // namespace phyllo::nat
