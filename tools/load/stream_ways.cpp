#include "stream_ways.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "addresses.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

constexpr auto established_within = std::chrono::seconds(10);
constexpr int events_at_once = 256;
constexpr std::size_t opening_at_once = 256;

}  // namespace

readiness::readiness() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
readiness::~readiness() { ::close(epoll_); }

void readiness::watch(int socket, std::uint64_t name, bool writable, bool known) {
  epoll_event e{};
  e.events = EPOLLIN | (writable ? EPOLLOUT : 0U);
  e.data.u64 = name;
  ::epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &e);
}

void readiness::forget(int socket) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr); }

const std::vector<std::uint64_t>& readiness::wait(core::time_point until) {
  std::array<epoll_event, events_at_once> events;
  const auto left = std::clamp<core::duration>(until - clock_now(), core::duration::zero(), std::chrono::seconds(1));
  const timespec t{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  const int n = ::epoll_pwait2(epoll_, events.data(), events_at_once, &t, nullptr);
  names_.clear();
  for (int i = 0; i < n; ++i) names_.push_back(events[static_cast<std::size_t>(i)].data.u64);
  return names_;
}

core::result<std::unique_ptr<stream_ways>> stream_ways::open(stream_settings s, const std::vector<address>& sources) {
  std::unique_ptr<stream_ways> out(new stream_ways(std::move(s)));
  if (auto done = out->open_all(sources); !done) return core::fail(done.error());
  return out;
}

core::status stream_ways::open_all(const std::vector<address>& sources) {
  for (const auto& source : sources) {
    auto c = stream_connection::begin(settings_, source);
    if (!c) return core::fail(c.error());
    connections_.push_back(std::move(*c));
    watches_writing_.push_back(true);
    watch(connections_.size() - 1, false);
    if (connections_.size() % opening_at_once != 0 && connections_.size() != sources.size()) continue;
    if (auto done = establish(clock_now() + established_within); !done) return done;
  }
  return {};
}

core::status stream_ways::establish(core::time_point deadline) {
  const auto is_open = [](const auto& c) { return c->established(); };
  while (!std::ranges::all_of(connections_, is_open)) {  // ends with the deadline
    for (const auto name : readiness_.wait(deadline)) {
      auto& c = *connections_[name];
      c.carry_on();
      if (c.closed()) return core::fail(core::errc::io, fmt::format("a connection to {}: {}", to_text(settings_.target), c.why()));
      watch(name, true);
    }
    if (clock_now() >= deadline)
      return core::fail(core::errc::timed_out, fmt::format("{} takes no connection within 10 s", to_text(settings_.target)));
  }
  return {};
}

void stream_ways::watch(std::size_t way, bool known) {
  const auto& c = *connections_[way];
  const bool writing = c.wants_to_write();
  if (known && writing == watches_writing_[way]) return;
  watches_writing_[way] = writing;
  readiness_.watch(c.socket(), way, writing, known);
}

std::vector<std::string> stream_ways::locals() const {
  std::vector<std::string> out;
  for (const auto& c : connections_) {
    const auto local = local_of(c->socket());
    out.push_back(local ? to_text(*local) : "?");
  }
  return out;
}

std::span<char> stream_ways::room(unsigned) { return room_; }

void stream_ways::commit(unsigned way, const address&, std::size_t size) {
  connections_[way]->send({room_.data(), size});
  written_.push_back(way);
}

void stream_ways::flush() {
  for (const auto way : written_) {
    if (connections_[way]->closed()) continue;
    connections_[way]->flush();
    watch(way, true);
  }
  written_.clear();
}

void stream_ways::wait(core::time_point until) { ready_ = readiness_.wait(until); }

void stream_ways::receive(machine& m) {
  const auto now = clock_now();
  for (const auto name : ready_) {
    auto& c = *connections_[name];
    c.carry_on();
    for (auto text = c.next_message(); text; text = c.next_message()) m.on_message({static_cast<unsigned>(name), {}, *text}, now);
    c.flush();
    if (c.closed()) {
      if (trouble_.empty()) trouble_ = fmt::format("a connection was closed: {}", c.why());
      readiness_.forget(c.socket());
    } else {
      watch(name, true);
    }
  }
  ready_.clear();
}

}  // namespace phyllo::load
