#include "transaction_layer_client.hpp"

#include <utility>

#include "message_edit.hpp"
#include "message_fields.hpp"
#include "overload_report.hpp"
#include "transaction_branch.hpp"
#include "transaction_key.hpp"

namespace phyllo::sip {
namespace {

// s.18.1.1: "If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the path MTU is
// unknown, the request MUST be sent using an RFC 2914 congestion controlled transport protocol, such as TCP."
constexpr std::size_t datagram_request_max = 1300;

// A response comes from where its request went (RFC 3581 s.4: "the response MUST be sent from the same address and port that [the
// request was] received on"): the branch alone is known to everybody on the way.
bool answers_for(const destination& to, const source& from) {
  if (to.node) return from.peer && from.peer->node() == *to.node;
  if (to.flow != flow_id::none && from.flow == to.flow) return true;
  return reliable(to.by) == reliable(from.by) && from.remote.address == to.at.address;
}

bool is_ours(const via& v, std::string_view sent_by) {
  const auto colon = sent_by.rfind(':');
  return equal_ignoring_case(v.host, sent_by.substr(0, colon)) && std::to_string(v.port) == sent_by.substr(colon + 1);
}

// Nothing can be made of the request any more: a later answer is only passed on, or ignored.
bool over(const std::variant<invite_client_transaction, client_transaction>& machine) {
  if (const auto* invite = std::get_if<invite_client_transaction>(&machine)) return invite->state() == transaction_state::accepted;
  return std::get<client_transaction>(machine).state() == transaction_state::completed;
}

}  // namespace

core::result<client_id> client_transactions::send_request(message request, destination to) {
  const auto now = parts_.clock.now();
  const auto& timers = parts_.options;
  const bool invite = request.method() == method::invite;
  const auto branch = make_branch(parts_.env, parts_.options.shard);
  push_via(request, name_of(to.by), parts_.transport.sent_by(to.by), branch, to.node ? overload_offer : std::string_view());
  client made{0, client_key(branch, request.method_name()), client_transaction(timers, reliable(to.by), now), std::move(to)};
  if (invite) made.machine = invite_client_transaction(timers, reliable(made.to.by), now);
  auto& c = table_.add(std::move(made));
  const client_id id{c.id};
  if (auto sent = transmit(c, request); !sent) {
    table_.erase(c);
    return core::fail(sent.error());
  }
  settle(c);
  return id;
}

// The Via names the protocol, so that it is written anew when the protocol changes.
void client_transactions::change_protocol(client& c, message& request, protocol p) {
  const auto branch = std::string(top_via(request)->branch);
  pop_via(request);
  push_via(request, name_of(p), parts_.transport.sent_by(p), branch);
  c.to.by = p;
  const auto now = parts_.clock.now();
  std::visit([&]<class Machine>(Machine& m) { m = Machine(parts_.options, reliable(p), now); }, c.machine);
}

core::status client_transactions::transmit(client& c, message& request) {
  auto& transport = parts_.transport;
  c.text = request.print();
  if (c.to.by == protocol::udp && c.text.size() > datagram_request_max && !c.instead && !c.to.flow_only) {
    c.instead = std::make_unique<destination>(c.to);
    change_protocol(c, request, protocol::tcp);
    c.text = request.print();
  }
  auto sent = transport.send(c.to, core::as_bytes(c.text), c.id);
  if (!sent && c.instead && c.to.by == protocol::tcp) {
    c.to = *c.instead;
    change_protocol(c, request, protocol::udp);
    c.text = request.print();
    sent = transport.send(c.to, core::as_bytes(c.text), c.id);
  }
  return sent;
}

void client_transactions::retransmit(const client& c) { static_cast<void>(parts_.transport.send(c.to, core::as_bytes(c.text), c.id)); }

void client_transactions::on_send_failed(std::uint64_t token, const core::error& why) {
  auto* c = table_.find(token);
  if (c == nullptr) return;  // RFC 6026 s.7.1: a server transaction stays as it is
  if (!c->instead || c->to.by != protocol::tcp) return failed(*c, why);
  auto request = message::parse(core::as_bytes(c->text), framing::own);
  if (!request) return failed(*c, why);
  // s.18.1.1: "If an element sends a request over TCP because of these message size constraints, and that request
  // would have otherwise been sent over UDP, if the attempt to establish the connection generates either an ICMP
  // Protocol Not Supported, or results in a TCP reset, the element SHOULD retry the request, using UDP."
  c->to = *c->instead;
  change_protocol(*c, *request, protocol::udp);
  if (auto sent = transmit(*c, *request); !sent) return failed(*c, sent.error());
  settle(*c);
}

void client_transactions::failed(client& c, const core::error& why) {
  const auto id = c.id;
  const bool tell = told(c);
  std::visit([](auto& m) { m.on_transport_error(); }, c.machine);
  settle(c);
  if (tell) user_->on_transport_error(client_id{id}, why);
}

void client_transactions::on_response(message m, const source& from) {
  const auto top = top_via(m);
  const auto by = top ? protocol_of(top->transport) : std::nullopt;
  auto* c = by ? table_.find_by_key(client_key(m)) : nullptr;
  // RFC 6026 s.7.3: a response without a transaction is not forwarded. s.18.1.2: nor is one whose sent-by is not ours.
  if (c == nullptr || !is_ours(*top, parts_.transport.sent_by(c->to.by))) return parts_.metrics.drop("sip_stray_response");
  if (!answers_for(c->to, from)) return parts_.metrics.drop("sip_foreign_response");
  parts_.transport.prove(from);
  respond(*c, std::move(m), from);
}

void client_transactions::respond(client& c, message response, const source& from) {
  const auto now = parts_.clock.now();
  const auto id = c.id;
  const auto status = response.status();
  const auto what = std::visit([&](auto& machine) { return machine.on_response(status, now); }, c.machine);
  if (has(what, todo::send_ack)) acknowledge(c, response);
  const bool tell = told(c) && has(what, todo::pass_up);
  if (status < 200 && c.cancel_wanted) send_cancel(c);
  if (over(c.machine)) std::string().swap(c.text);
  settle(c);
  if (tell) user_->on_response(client_id{id}, std::move(response), from);
}

// s.17.1.1.2: "Any retransmissions of the final response ... MUST cause the ACK to be re-passed to the transport layer".
void client_transactions::acknowledge(client& c, const message& response) {
  if (!c.acknowledged) {
    const auto request = message::parse(core::as_bytes(c.text), framing::own);
    c.text = request ? request->follow_up("ACK", &response).print() : std::string();
  }
  c.acknowledged = true;
  static_cast<void>(parts_.transport.send(c.to, core::as_bytes(c.text), 0));
}

void client_transactions::cancel(std::uint64_t id) {
  auto* c = table_.find(id);
  if (c == nullptr || !std::holds_alternative<invite_client_transaction>(c->machine)) return;
  const auto state = std::get<invite_client_transaction>(c->machine).state();
  // s.9.1: "If no provisional response has been received, the CANCEL request MUST NOT be sent".
  if (state == transaction_state::calling) c->cancel_wanted = true;
  if (state != transaction_state::proceeding) return;
  send_cancel(*c);
  settle(*c);
}

// A transaction of its own with the INVITE's branch (s.9.1).
void client_transactions::send_cancel(client& c) {
  c.cancel_wanted = false;
  if (c.cancelled) return;
  c.cancelled = true;
  const auto now = parts_.clock.now();
  std::get<invite_client_transaction>(c.machine).on_cancelled(now);
  const auto request = message::parse(core::as_bytes(c.text), framing::own);
  if (!request) return;
  client made{0, client_key(c.key.substr(0, c.key.find('\n')), name_of(method::cancel)),
              client_transaction(parts_.options, reliable(c.to.by), now), c.to, request->follow_up("CANCEL").print()};
  made.own_cancel = true;
  auto& own = table_.add(std::move(made));
  if (!parts_.transport.send(own.to, core::as_bytes(own.text), own.id)) return table_.erase(own);
  settle(own);
}

void client_transactions::on_timer(std::uint64_t id) {
  const auto now = parts_.clock.now();
  auto* c = table_.find(id);
  if (c == nullptr || c->scheduled > now) return;
  c->scheduled = core::time_point::max();
  const auto what = std::visit([now](auto& m) { return m.on_timer(now); }, c->machine);
  const bool tell = told(*c);
  if (has(what, todo::send)) retransmit(*c);
  if (has(what, todo::timer_c)) send_cancel(*c);
  settle(*c);
  if (!tell) return;
  if (has(what, todo::timer_c)) user_->on_timer_c(client_id{id});
  if (has(what, todo::timed_out)) user_->on_timeout(client_id{id});
}

void client_transactions::settle(client& c) {
  const auto state = std::visit([](const auto& m) { return m.state(); }, c.machine);
  if (state == transaction_state::terminated) return table_.erase(c);
  const auto next = std::visit([](const auto& m) { return m.next_timer(); }, c.machine);
  if (next >= c.scheduled) return;  // what was set comes first, and sets this then
  c.scheduled = next;
  parts_.clock.set(next, c.id);
}

}  // namespace phyllo::sip
