#include "transaction_layer_server.hpp"

#include <cassert>
#include <utility>

#include "response_target.hpp"
#include "retry_after.hpp"
#include "transaction_key.hpp"

namespace phyllo::sip {

server_transactions::server_transactions(parts p)
    : parts_(p), key_(core::random_hash_key(p.env)), table_(key_, 0), strangers_forgotten_(p.metrics.evictions("sip_strangers_answered")) {}

void server_transactions::on_request(message m, const source& from, std::size_t others) {
  if (m.defect()) return refuse(m, from, *m.defect());
  if (m.method() == method::ack) return on_ack(std::move(m), from);
  auto key = server_key(m, from);
  if (auto* s = table_.find_by_key(key)) {
    if (has(std::visit([](auto& machine) { return machine.on_request(); }, s->machine), todo::send)) retransmit(*s);
    return;
  }
  // The last fifth of the table is for those who have proved who they are: whoever else fills it keeps no phone of ours from calling.
  const auto most = parts_.options.transactions_max;
  const auto room = parts_.transport.proven(from) ? most : most - most / 5;
  if (user_ == nullptr || size() + others >= room) return refuse(m, from, {503, {}});

  const auto request = std::make_shared<const message>(std::move(m));
  const auto id = start(std::move(key), request, from).id;
  if (request->method() != method::cancel) return user_->on_request(server_id{id}, request, from);
  const auto* invite = table_.find_by_key(server_key(*request, from, name_of(method::invite)));
  user_->on_cancel(server_id{id}, server_id{invite == nullptr ? 0 : invite->id}, request, from);
}

server_transactions::server& server_transactions::start(std::string key, std::shared_ptr<const message> request, const source& from) {
  const auto now = parts_.clock.now();
  const auto& timers = parts_.options;
  server s{
      0, std::move(key), server_transaction(timers, reliable(from.by), now), request, response_target(*request, from), merge_of(*request)};
  if (request->method() == method::invite) s.machine = invite_server_transaction(timers, reliable(from.by), now);
  s.of_stranger = !parts_.transport.proven(from);
  if (s.merge != 0) ++merges_[s.merge];
  auto& kept = table_.add(std::move(s));
  settle(kept);
  return kept;
}

std::uint64_t server_transactions::merge_of(const message& request) const {
  const auto text = merge_key(request);
  return text.empty() ? 0 : core::keyed_hash(key_, std::string_view(text));
}

// s.17.1.1.3: the ACK for other than a 2xx has the INVITE's branch and ends here; one for a 2xx is the user's.
void server_transactions::on_ack(message m, const source& from) {
  if (auto* s = table_.find_by_key(server_key(m, from))) {
    const auto now = parts_.clock.now();
    auto* machine = std::get_if<invite_server_transaction>(&s->machine);
    const auto what = machine == nullptr ? todo::nothing : machine->on_ack(now);
    if (machine != nullptr && machine->state() == transaction_state::confirmed) std::string().swap(s->response);
    settle(*s);
    if (!has(what, todo::pass_up)) return;
  }
  if (user_ != nullptr) user_->on_ack(std::move(m), from);
}

void server_transactions::refuse(const message& request, const source& from, const refusal& why) {
  parts_.metrics.drop(why.status == 503 ? "sip_overloaded" : "sip_malformed_request");
  if (request.method() == method::ack) return;
  // s.8.2.7: a stateless reply's tag is the same for every retransmission; this one answers no dialog.
  auto response = request.reply(why.status, why.phrase, "stateless");
  if (why.status == 503) add_retry_after(response, parts_.env);
  static_cast<void>(parts_.transport.send(response_target(request, from), core::as_bytes(response.print()), 0));
}

void server_transactions::reply(std::uint64_t id, const message& response) {
  if (auto* s = table_.find(id)) send(*s, response);
}

void server_transactions::reply(std::uint64_t id, int status, std::string_view phrase) {
  auto* s = table_.find(id);
  if (s != nullptr && s->request) send(*s, s->request->reply(status, phrase, tag_of(*s)));
}

void server_transactions::send(server& s, const message& response) {
  const auto now = parts_.clock.now();
  const auto status = response.status();
  const auto what = std::visit([&](auto& machine) { return machine.on_reply(status, now); }, s.machine);
  if (!has(what, todo::send)) return;
  s.response = response.print();
  retransmit(s);
  if (status >= 200) s.request.reset();
  // RFC 6026 s.7.1: a 2xx is its user's to repeat.
  if (std::visit([](const auto& machine) { return machine.state(); }, s.machine) == transaction_state::accepted)
    std::string().swap(s.response);
  const auto answered_stranger = status >= 200 && s.of_stranger ? s.id : 0;
  settle(s);
  if (answered_stranger != 0) stranger_answered(answered_stranger);
}

// A flood of requests from addresses of others fills no more than this, and takes nobody's place.
void server_transactions::stranger_answered(std::uint64_t id) {
  strangers_answered_.push_back(id);
  if (strangers_answered_.size() <= parts_.options.strangers_answered_max) return;
  const auto oldest = strangers_answered_.front();
  strangers_answered_.pop_front();
  const auto* s = table_.find(oldest);
  if (s == nullptr) return;
  erase(*s);
  strangers_forgotten_.add();
  if (user_ != nullptr) user_->on_server_ended(server_id{oldest});
}

void server_transactions::retransmit(const server& s) {
  static_cast<void>(parts_.transport.send(s.reply_to, core::as_bytes(s.response), reliable(s.reply_to.by) ? s.id : 0));
}

std::string server_transactions::tag_of(server& s) {
  if (s.to_tag == decltype(s.to_tag)()) parts_.env.random(s.to_tag);
  return core::to_hex(s.to_tag);
}

std::shared_ptr<const message> server_transactions::request_of(std::uint64_t id) {
  const auto* s = table_.find(id);
  return s == nullptr ? nullptr : s->request;
}

bool server_transactions::merged(std::uint64_t id) {
  const auto* s = table_.find(id);
  return s != nullptr && s->merge != 0 && merges_[s->merge] > 1;
}

std::string server_transactions::to_tag_for(std::uint64_t id) {
  auto* s = table_.find(id);
  return s == nullptr ? std::string() : tag_of(*s);
}

void server_transactions::on_timer(std::uint64_t id) {
  const auto now = parts_.clock.now();
  auto* s = table_.find(id);
  if (s == nullptr || s->scheduled > now) return;
  s->scheduled = core::time_point::max();
  const auto what = std::visit([now](auto& m) { return m.on_timer(now); }, s->machine);
  if (has(what, todo::send)) retransmit(*s);
  if (has(what, todo::send_trying) && s->request) {
    s->response = s->request->reply(100).print();
    retransmit(*s);
  }
  settle(*s);
}

void server_transactions::settle(server& s) {
  const auto state = std::visit([](const auto& m) { return m.state(); }, s.machine);
  if (state == transaction_state::terminated) {
    const auto id = s.id;
    erase(s);
    if (user_ != nullptr) user_->on_server_ended(server_id{id});
    return;
  }
  const auto next = std::visit([](const auto& m) { return m.next_timer(); }, s.machine);
  if (next >= s.scheduled) return;  // what was set comes first, and sets this then
  s.scheduled = next;
  parts_.clock.set(next, s.id);
}

void server_transactions::erase(const server& s) {
  const auto at = merges_.find(s.merge);
  assert((at == merges_.end()) == (s.merge == 0));
  if (at != merges_.end() && --at->second == 0) merges_.erase(at);
  table_.erase(s);
}

}  // namespace phyllo::sip
