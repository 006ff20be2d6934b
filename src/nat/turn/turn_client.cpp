#include "turn/turn_client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "phyllo/stun/nonce.hpp"

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

constexpr std::size_t request_max = 1500;
constexpr std::uint16_t first_channel = 0x4000;
constexpr std::size_t channel_header_octets = 4;

}  // namespace

void turn_client::allocate(core::time_point now) {
  if (state_ != state::idle) return;
  state_ = state::allocating;
  waiting_.push_back({});
  start_next(now);
}

bool turn_client::permit(const core::endpoint& peer, core::time_point now) {
  if (state_ != state::allocated || (!peers_.contains(peer) && peers_.size() >= peers_max)) return false;
  peers_.try_emplace(peer);
  waiting_.push_back({stun::method::create_permission, peer});
  start_next(now);
  return true;
}

bool turn_client::bind(const core::endpoint& peer, core::time_point now) {
  if (state_ != state::allocated || (!peers_.contains(peer) && peers_.size() >= peers_max)) return false;
  auto& p = peers_[peer];
  if (p.channel == 0) p.channel = static_cast<std::uint16_t>(first_channel + channels_++);
  waiting_.push_back({stun::method::channel_bind, peer});
  start_next(now);
  return true;
}

void turn_client::release(core::time_point now) {
  if (state_ != state::allocated) return;
  state_ = state::releasing;
  refresh_at_ = core::time_point::max();
  peers_.clear();
  waiting_ = {{stun::method::refresh, {}}};
  start_next(now);
}

stun::transaction_id turn_client::fresh() {
  stun::transaction_id out{};
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) n = numbers_.next();
    out[i] = static_cast<std::uint8_t>(n >> (i % 8 * 8));
  }
  return out;
}

void turn_client::start_next(core::time_point now, unsigned challenges) {
  if (flight_ || waiting_.empty()) return;
  const auto j = waiting_.front();
  waiting_.pop_front();
  const auto id = fresh();
  const auto timing = settings_.over_stream ? stun::client_transaction::over_stream(now, settings_.timing)
                                            : stun::client_transaction::over_datagrams(now, settings_.timing);
  flight_.emplace(flight{j, request(j, id), id, timing, challenges});
  if (flight_->timing.at(now) == stun::client_transaction::action::send) output_ = flight_->octets;
}

core::bytes turn_client::request(const job& j, const stun::transaction_id& id) {
  core::bytes out(request_max);
  stun::message_writer w(out, j.what, stun::message_class::request, id);
  fill(w, j);
  if (!nonce_.empty()) add_credentials(w);
  out.resize(w.done().size());
  return out;
}

void turn_client::fill(stun::message_writer& w, const job& j) const {
  constexpr std::uint8_t udp_protocol = 17;
  if (j.what == stun::method::allocate) {
    w.add_octet(type::requested_transport, udp_protocol);
    if (settings_.family == stun::address_family::v6)
      w.add_octet(type::requested_address_family, static_cast<std::uint8_t>(stun::address_family::v6));
  } else if (j.what == stun::method::refresh) {
    if (state_ == state::releasing) w.add_number32(type::lifetime, 0);
  } else {
    const auto known = peers_.find(j.peer);
    if (j.what == stun::method::channel_bind && known != peers_.end()) w.add_number16(type::channel_number, known->second.channel);
    w.add_xor_address(type::xor_peer_address, j.peer);
  }
}

void turn_client::add_credentials(stun::message_writer& w) const {
  if ((stun::features_of(nonce_) & stun::feature_username_anonymity) != 0) {
    w.add(type::userhash, stun::hash_of_user(settings_.username, realm_));
  } else {
    w.add_text(type::username, settings_.username);
  }
  w.add_text(type::realm, realm_);
  w.add_text(type::nonce, nonce_);
  if (!algorithm_) return w.add_integrity(key_.octets());
  w.add_algorithm(*algorithm_);
  w.add(type::password_algorithms, algorithms_);
  w.add_integrity_sha256(key_.octets());
}

std::optional<core::bytes> turn_client::output() { return std::exchange(output_, std::nullopt); }

std::optional<core::time_point> turn_client::next() const {
  auto out = refresh_at_;
  if (flight_) out = std::min(out, flight_->timing.next());
  for (const auto& [peer, p] : peers_) out = std::min(out, p.refresh_at);
  return out == core::time_point::max() ? std::nullopt : std::optional(out);
}

// What has to be asked again, before it ends.
void turn_client::due(core::time_point now) {
  if (refresh_at_ <= now) {
    refresh_at_ = core::time_point::max();
    waiting_.push_front({stun::method::refresh, {}});
  }
  for (auto& [peer, p] : peers_) {
    if (p.refresh_at > now) continue;
    p.refresh_at = core::time_point::max();
    waiting_.push_back({p.channel != 0 ? stun::method::channel_bind : stun::method::create_permission, peer});
  }
}

turn_client::news turn_client::at(core::time_point now) {
  due(now);
  news out;
  if (flight_) {
    const auto action = flight_->timing.at(now);
    if (action == stun::client_transaction::action::send) output_ = flight_->octets;
    if (action == stun::client_transaction::action::fail) {
      const auto j = flight_->of;
      flight_.reset();
      out = give_up(j, 0, now);
    }
  }
  start_next(now);
  return out;
}

core::byte_view turn_client::wrap(const core::endpoint& peer, core::byte_view data, std::span<std::uint8_t> into) {
  const auto known = peers_.find(peer);
  if (known == peers_.end() || !known->second.bound) {
    stun::message_writer w(into, stun::method::send, stun::message_class::indication, fresh());
    w.add_xor_address(type::xor_peer_address, peer);
    w.add(type::data, data);
    return w.done();
  }
  const auto padding = settings_.over_stream ? (4 - data.size() % 4) % 4 : 0;
  const auto whole = channel_header_octets + data.size() + padding;
  if (into.size() < whole || data.size() > 0xffff) return {};
  const auto number = known->second.channel;
  const std::array<std::uint8_t, channel_header_octets> header{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number),
                                                               static_cast<std::uint8_t>(data.size() >> 8),
                                                               static_cast<std::uint8_t>(data.size())};
  std::ranges::copy(header, into.begin());
  std::ranges::copy(data, into.begin() + channel_header_octets);
  std::ranges::fill(into.subspan(channel_header_octets + data.size(), padding), std::uint8_t{0});
  return into.first(whole);
}

}  // namespace phyllo::nat
