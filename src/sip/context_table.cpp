#include "context_table.hpp"

namespace phyllo::sip {

void context_table::add(context_ptr c) {
  const auto id = c->id;
  contexts_.emplace(id, std::move(c));
}

void context_table::remove(const proxy_context& c) {
  for (const auto client : c.forked.clients) clients_.erase(client);
  due_.erase({c.forked.due, c.id});
  contexts_.erase(c.id);
}

context_table::context_ptr context_table::find(server_id id) const {
  const auto found = contexts_.find(id);
  return found == contexts_.end() ? nullptr : found->second;
}

void context_table::began(proxy_context& c, std::size_t number, client_id id) {
  c.forked.clients[number] = id;
  clients_.emplace(id, std::pair(c.id, number));
}

context_table::branch context_table::branch_of(client_id id) const {
  const auto client = clients_.find(id);
  if (client == clients_.end()) return {};
  return {find(client->second.first), client->second.second};
}

void context_table::forget_branches(proxy_context& c) {
  for (const auto client : c.forked.clients) clients_.erase(client);
  c.forked.clients.clear();
  c.forked.attempts.clear();
  c.forked.answers.clear();
}

bool context_table::schedule(proxy_context& c, core::time_point next) {
  if (next == c.forked.due) return false;
  due_.erase({c.forked.due, c.id});
  c.forked.due = next;
  if (next == core::time_point::max()) return false;
  due_.emplace(next, c.id);
  return due_.begin()->second == c.id;
}

context_table::context_ptr context_table::take_due(core::time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {  // each round takes one out
    const auto id = due_.begin()->second;
    due_.erase(due_.begin());
    auto c = find(id);
    if (c == nullptr) continue;
    c->forked.due = core::time_point::max();
    return c;
  }
  return nullptr;
}

void context_table::clear() {
  contexts_.clear();
  clients_.clear();
  due_.clear();
}

}  // namespace phyllo::sip
