// The server half of transaction_layer.
#include <array>

#include "retry_after.hpp"
#include "transaction_layer_impl.hpp"

namespace phyllo::sip {

void transaction_layer::impl::on_request(message m, const source& from) {
  if (m.defect()) return refuse(m, from, *m.defect());
  if (m.method() == method::ack) return on_ack(std::move(m), from);
  auto key = server_key(m, from);
  if (const auto at = server_keys.find(key); at != server_keys.end()) {
    auto& s = servers.at(at->second);
    if (has(std::visit([](auto& machine) { return machine.on_request(); }, s.machine), todo::send)) retransmit(s);
    return;
  }
  // The last fifth of the table is for those who have proved who they are: whoever else fills it keeps no phone of ours from calling.
  const auto room = transport.proven(from) ? options.transactions_max : options.transactions_max - options.transactions_max / 5;
  if (user == nullptr || size() >= room) return refuse(m, from, {503, {}});

  const auto request = std::make_shared<const message>(std::move(m));
  const auto id = start_server(std::move(key), request, from)->id;
  if (request->method() != method::cancel) return user->on_request(server_id{id}, request, from);
  const auto invite = server_keys.find(server_key(*request, from, name_of(method::invite)));
  user->on_cancel(server_id{id}, server_id{invite == server_keys.end() ? 0 : invite->second}, request, from);
}

transaction_layer::impl::server* transaction_layer::impl::start_server(std::string key, std::shared_ptr<const message> request,
                                                                       const source& from) {
  const auto now = env.now();
  const auto id = ++last_id << 1;
  server s{id,
           std::move(key),
           merge_key(*request),
           server_transaction(options.timers, reliable(from.by), now),
           request,
           response_target(*request, from)};
  if (request->method() == method::invite) s.machine = invite_server_transaction(options.timers, reliable(from.by), now);
  s.of_stranger = !transport.proven(from);
  server_keys.emplace(s.key, id);
  if (!s.merge.empty()) ++merges[s.merge];
  auto& kept = servers.emplace(id, std::move(s)).first->second;
  settle(kept);
  return &kept;
}

// s.17.1.1.3: the ACK for other than a 2xx has the INVITE's branch and ends here; one for a 2xx is the user's.
void transaction_layer::impl::on_ack(message m, const source& from) {
  const auto at = server_keys.find(server_key(m, from));
  if (at != server_keys.end()) {
    auto& s = servers.at(at->second);
    const auto now = env.now();
    auto* machine = std::get_if<invite_server_transaction>(&s.machine);
    const auto what = machine == nullptr ? todo::nothing : machine->on_ack(now);
    settle(s);
    if (!has(what, todo::pass_up)) return;
  }
  if (user != nullptr) user->on_ack(std::move(m), from);
}

void transaction_layer::impl::refuse(const message& request, const source& from, const refusal& why) {
  metrics.drop(why.status == 503 ? "sip_overloaded" : "sip_malformed_request");
  if (request.method() == method::ack) return;
  // s.8.2.7: a stateless reply's tag is the same for every retransmission; this one answers no dialog.
  auto response = request.reply(why.status, why.phrase, "stateless");
  if (why.status == 503) add_retry_after(response, env);
  static_cast<void>(transport.send(response_target(request, from), core::as_bytes(response.print()), 0));
}

void transaction_layer::impl::reply(server& s, const message& response) {
  const auto now = env.now();
  const auto status = response.status();
  const auto what = std::visit([&](auto& machine) { return machine.on_reply(status, now); }, s.machine);
  if (!has(what, todo::send)) return;
  s.response = response.print();
  retransmit(s);
  if (status >= 200) s.request.reset();
  const auto answered_stranger = status >= 200 && s.of_stranger ? s.id : 0;
  settle(s);
  if (answered_stranger != 0) stranger_answered(answered_stranger);
}

// A flood of requests from addresses of others fills no more than this, and takes nobody's place.
void transaction_layer::impl::stranger_answered(std::uint64_t id) {
  strangers_answered.push_back(id);
  if (strangers_answered.size() <= options.strangers_answered_max) return;
  const auto oldest = strangers_answered.front();
  strangers_answered.pop_front();
  auto* s = find_server(oldest);
  if (s == nullptr) return;
  erase(*s);
  strangers_forgotten.add();
  if (user != nullptr) user->on_server_ended(server_id{oldest});
}

void transaction_layer::impl::retransmit(const server& s) {
  static_cast<void>(transport.send(s.reply_to, core::as_bytes(s.response), reliable(s.reply_to.by) ? s.id : 0));
}

std::string& transaction_layer::impl::tag_of(server& s) {
  if (s.to_tag.empty()) {
    std::array<std::uint8_t, 8> random{};
    env.random(random);
    s.to_tag = core::to_hex(random);
  }
  return s.to_tag;
}

}  // namespace phyllo::sip
