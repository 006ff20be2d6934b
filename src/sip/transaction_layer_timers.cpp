// The one timer driver of all transactions, and their table.
#include "transaction_layer_impl.hpp"

namespace phyllo::sip {

core::awaitable<void> transaction_layer::impl::drive() {
  while (true) {  // ends by cancellation, in stop()
    while (!schedule.empty() && schedule.next() <= env.now()) on_timer(schedule.take().id);
    alarm->set(schedule.next());
    co_await alarm->wait();
  }
}

// An id whose transaction has ended, or set its timer anew, finds nothing due.
void transaction_layer::impl::on_timer(std::uint64_t id) {
  const auto now = env.now();
  if (auto* c = find_client(id)) {
    if (c->scheduled > now) return;
    c->scheduled = core::time_point::max();
    client_timer(*c);
  } else if (auto* s = find_server(id)) {
    if (s->scheduled > now) return;
    s->scheduled = core::time_point::max();
    server_timer(*s);
  }
}

void transaction_layer::impl::client_timer(client& c) {
  const auto now = env.now();
  const auto id = c.id;
  const auto what = std::visit([now](auto& m) { return m.on_timer(now); }, c.machine);
  const bool tell = !c.own_cancel && user != nullptr;
  if (has(what, todo::send)) retransmit(c);
  if (has(what, todo::timer_c)) send_cancel(c);
  settle(c);
  if (!tell) return;
  if (has(what, todo::timer_c)) user->on_timer_c(client_id{id});
  if (has(what, todo::timed_out)) user->on_timeout(client_id{id});
}

void transaction_layer::impl::server_timer(server& s) {
  const auto now = env.now();
  const auto what = std::visit([now](auto& m) { return m.on_timer(now); }, s.machine);
  if (has(what, todo::send)) retransmit(s);
  if (has(what, todo::send_trying) && s.request) {
    s.response = s.request->reply(100).print();
    retransmit(s);
  }
  settle(s);
}

void transaction_layer::impl::settle(client& c) {
  const auto state = std::visit([](const auto& m) { return m.state(); }, c.machine);
  if (state == transaction_state::terminated) return erase(c);
  const auto next = std::visit([](const auto& m) { return m.next_timer(); }, c.machine);
  if (next == c.scheduled || next == core::time_point::max()) return;
  c.scheduled = next;
  const bool earliest = next < schedule.next();
  schedule.add(next, c.id);
  if (earliest) alarm->set(next);
}

void transaction_layer::impl::settle(server& s) {
  const auto state = std::visit([](const auto& m) { return m.state(); }, s.machine);
  if (state == transaction_state::terminated) {
    const auto id = s.id;
    erase(s);
    if (user != nullptr) user->on_server_ended(server_id{id});
    return;
  }
  const auto next = std::visit([](const auto& m) { return m.next_timer(); }, s.machine);
  if (next == s.scheduled || next == core::time_point::max()) return;
  s.scheduled = next;
  const bool earliest = next < schedule.next();
  schedule.add(next, s.id);
  if (earliest) alarm->set(next);
}

transaction_layer::impl::client* transaction_layer::impl::find_client(std::uint64_t id) noexcept {
  const auto at = clients.find(id);
  return at == clients.end() ? nullptr : &at->second;
}

transaction_layer::impl::server* transaction_layer::impl::find_server(std::uint64_t id) noexcept {
  const auto at = servers.find(id);
  return at == servers.end() ? nullptr : &at->second;
}

void transaction_layer::impl::erase(client& c) {
  client_keys.erase(c.key);
  clients.erase(c.id);
}

void transaction_layer::impl::erase(server& s) {
  if (const auto at = merges.find(s.merge); at != merges.end() && --at->second == 0) merges.erase(at);
  server_keys.erase(s.key);
  servers.erase(s.id);
}

}  // namespace phyllo::sip
