#include "shard_transport.hpp"

#include <utility>

#include "phyllo/sip/errc.hpp"
#include "transaction_branch.hpp"

namespace phyllo::sip {
namespace {

// What another shard has given to be sent is known by a token with that shard's number in front, counted from one.
constexpr unsigned token_shard_bits = 56;
constexpr core::duration given_up_after = std::chrono::seconds(1);
constexpr std::uint64_t own_token = (std::uint64_t{1} << token_shard_bits) - 1;

}  // namespace

shard_transport::shard_transport(core::environment& env, std::shared_ptr<shard_exchange> exchange, unsigned index,
                                 std::unique_ptr<transport_layer> own, user_finder user_of, core::metrics& m)
    : env_(env),
      exchange_(std::move(exchange)),
      others_(exchange_->inside()),
      index_(index),
      own_(std::move(own)),
      user_of_(std::move(user_of)),
      metrics_(m),
      passed_on_(passed_on_counter(m)) {
  own_->observe(this);
  others_.ends[index_] = this;
}

core::counter& passed_on_counter(core::metrics& m) {
  return m.get_counter("phyllo_sip_passed_on_total", "Messages that came to one shard and were another's.");
}

shard_transport::~shard_transport() {
  if (others_.ends[index_] == this) others_.ends[index_] = nullptr;
}

bool shard_transport::post(unsigned to, std::move_only_function<void(shard_end&)> what) {
  const bool posted = others_.post(to, std::move(what));
  if (!posted) metrics_.drop("sip_shard_full");
  return posted;
}

// A user's registrations are one shard's, and what he sends otherwise too: so are its retransmissions, CANCEL and ACK, and its nonces.
unsigned shard_transport::home_of(const message& m) const {
  if (m.defect()) return index_;
  const auto& whose = m.method() == method::register_ ? m.to().uri : m.from().uri;
  if (const auto user = user_of_(whose)) return others_.home_of(*user);
  // RFC 3323 s.4.1.1.3: who does not say who he is; there are many.
  if (equal_ignoring_case(whose.host, "anonymous.invalid")) return others_.home_of(m.call_id());
  return others_.home_of(whose.address_of_record());
}

// An address is one shard's, in both directions: what is known of it is known there, and a connection to it may be there already.
unsigned shard_transport::sender_of(const destination& to) const {
  return to.flow != flow_id::none ? shard_of(to.flow) : others_.by.shard_of(to.at.address);
}

core::status shard_transport::send(const destination& to, core::byte_view bytes, std::uint64_t token) {
  const auto shard = sender_of(to);
  if (shard == index_) return own_->send(to, bytes, token);
  if (shard >= others_.size()) return core::fail(errc::unreachable, "the flow is of an earlier process");
  std::string copy(core::as_text(bytes));
  const bool posted = post(
      shard, [by = index_, to, text = std::move(copy), token](shard_end& there) { there.send_for(by, to, core::as_bytes(text), token); });
  return posted ? core::status() : core::fail(errc::overloaded, "another shard has too much to do");
}

void shard_transport::send_for(unsigned by, const destination& to, core::byte_view bytes, std::uint64_t token) {
  const auto marked = token == 0 ? 0 : (token & own_token) | (std::uint64_t{by} + 1) << token_shard_bits;
  const auto sent = own_->send(to, bytes, marked);
  if (!sent && marked != 0) on_send_failed(marked, sent.error());
}

void shard_transport::on_send_failed(std::uint64_t token, const core::error& why) {
  const auto by = token >> token_shard_bits;
  if (by == 0) return failed(token, why);
  post(static_cast<unsigned>(by - 1), [token, why](shard_end& there) { there.failed(token & own_token, why); });
}

void shard_transport::failed(std::uint64_t token, const core::error& why) {
  if (user_ != nullptr) user_->on_send_failed(token, why);
}

void shard_transport::on_message(message m, const source& from) {
  const auto branch = m.is_request() ? std::nullopt : shard_of_branch(m);
  const auto shard = m.is_request() ? home_of(m) : branch.value_or(index_);
  if (shard == index_ || shard >= others_.size()) return tell(std::move(m), from);
  passed_on_.add();
  source s = from;
  s.standing = source::standing_there{own_->proven(from), own_->room_for(from)};
  post(shard,
       [passed = std::move(m), by = std::move(s), now = env_.now()](shard_end& there) mutable { there.take(std::move(passed), by, now); });
}

// What waits here is work as what waits in the sockets is: the doorkeeper hears of it, and nobody waits any more for what is too old.
void shard_transport::take(message m, const source& from, core::time_point since) {
  const auto waited = env_.now() - since;
  if (door_ != nullptr) door_->waited(waited);
  if (waited > given_up_after && m.is_request()) return metrics_.drop("sip_overload_old");
  tell(std::move(m), from);
}

void shard_transport::tell(message m, const source& from) {
  if (user_ != nullptr) user_->on_message(std::move(m), from);
}

void shard_transport::close_flow(flow_id flow) {
  const auto shard = shard_of(flow);
  if (shard == index_) return own_->close_flow(flow);
  if (shard < others_.size()) post(shard, [flow](shard_end& there) { there.close_own(flow); });
}

void shard_transport::keep_flow(flow_id flow, bool kept) {
  if (flow == flow_id::none) return;
  const auto shard = shard_of(flow);
  if (shard == index_) return keep_own(index_, flow, kept);
  if (shard < others_.size()) post(shard, [by = index_, flow, kept](shard_end& there) { there.keep_own(by, flow, kept); });
}

void shard_transport::keep_own(unsigned by, flow_id flow, bool kept) {
  if (!own_->alive(flow)) {
    if (kept) post(by, [flow](shard_end& there) { there.flow_closed(flow); });  // it closed meanwhile
    return;
  }
  auto& shards = kept_by_[flow];
  const auto bit = std::uint64_t{1} << by;
  shards = kept ? shards | bit : shards & ~bit;
  own_->keep_flow(flow, shards != 0);
  if (shards == 0) kept_by_.erase(flow);
}

void shard_transport::on_flow_closed(flow_id flow) {
  const auto found = kept_by_.find(flow);
  const auto shards = found == kept_by_.end() ? 0 : found->second;
  if (found != kept_by_.end()) kept_by_.erase(found);
  flow_closed(flow);
  for (unsigned i = 0; i < others_.size(); ++i) {
    if (i != index_ && (shards >> i & 1U) != 0) post(i, [flow](shard_end& there) { there.flow_closed(flow); });
  }
}

void shard_transport::flow_closed(flow_id flow) {
  if (user_ != nullptr) user_->on_flow_closed(flow);
}

// What it has proved is the business of the shard that sends to it.
void shard_transport::prove(const source& from) {
  if (from.by != protocol::udp) return;
  const auto shard = others_.by.shard_of(from.remote.address);
  if (shard == index_) return own_->prove(from);
  if (from.standing && from.standing->proven) return;
  post(shard, [from](shard_end& there) { there.prove_own(from); });
}

core::awaitable<void> shard_transport::stop() {
  others_.ends[index_] = nullptr;
  user_ = nullptr;
  co_await own_->stop();
}

}  // namespace phyllo::sip
