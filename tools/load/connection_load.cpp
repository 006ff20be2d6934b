#include "connection_load.hpp"

#include <fmt/format.h>

namespace phyllo::load {

connection_load::connection_load(stream_settings s, std::vector<address> sources, core::duration give_up, core::time_point counted_from)
    : settings_(std::move(s)), sources_(std::move(sources)), give_up_(give_up), counted_from_(counted_from), tally_({"handshakes"}) {}

void connection_load::begin(core::time_point intended, core::time_point now) {
  auto& o = all_.emplace_back();
  o.intended = intended;
  o.begun = now;
  if (is_counted(o)) {
    ++tally_.started;
    tally_.behind.record(now - intended);
  }
  const auto number = all_.size() - 1;
  auto c = stream_connection::begin(settings_, sources_[number % sources_.size()]);
  if (!c) return fail(o, c.error().detail());
  o.connection = std::move(*c);
  readiness_.watch(o.connection->socket(), number, true, false);
  opening_.push_back(number);
}

void connection_load::receive(machine&) {
  const auto now = clock_now();
  for (const auto number : ready_) carry_on(number, now);
  ready_.clear();
}

void connection_load::carry_on(std::uint64_t number, core::time_point now) {
  auto& o = all_[number];
  if (!o.connection) return;
  auto& c = *o.connection;
  c.carry_on();
  while (c.next_message()) {  // what comes unasked is not looked at
  }
  if (c.closed()) {
    living_ -= o.done ? 1 : 0;
    return fail(o, o.done ? "closed later: " + c.why() : c.why());
  }
  if (c.established() && !o.done) {
    o.done = true;
    ++living_;
    if (is_counted(o)) {
      ++tally_.succeeded;
      tally_.whole.record(now - o.intended);
      tally_.parts[0].values.record(now - o.begun);
    }
  }
  if (const bool writing = c.wants_to_write(); writing != o.writing) {
    o.writing = writing;
    readiness_.watch(c.socket(), number, writing, true);
  }
}

void connection_load::fail(one& o, std::string_view why) {
  if (is_counted(o)) tally_.fail(why);
  if (o.connection) readiness_.forget(o.connection->socket());
  o.connection.reset();
  o.done = true;
}

void connection_load::on_time(core::time_point now) {
  while (!opening_.empty()) {  // the oldest first
    auto& o = all_[opening_.front()];
    if (!o.done && o.begun + give_up_ > now) return;
    if (!o.done) fail(o, "timed out");
    opening_.pop_front();
  }
}

core::time_point connection_load::next_time() const noexcept {
  if (opening_.empty()) return core::time_point::max();
  const auto& o = all_[opening_.front()];
  return o.done ? core::time_point::min() : o.begun + give_up_;
}

void connection_load::abandon(core::time_point) {
  for (const auto number : opening_) {
    if (auto& o = all_[number]; !o.done) fail(o, "not established when the run ended");
  }
  opening_.clear();
}

}  // namespace phyllo::load
