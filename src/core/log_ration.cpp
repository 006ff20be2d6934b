#include "phyllo/core/log_ration.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <stop_token>
#include <thread>
#include <utility>

namespace phyllo::core {
namespace {

// The text of a format: its first place is whom it is about, the others differ from line to line.
std::string filled(std::string_view format, std::string_view about) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const auto end = format[i] == '{' ? format.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out.push_back(format[i]);
      continue;
    }
    out += about.empty() ? std::string_view("...") : about;
    about = {};
    i = end;
  }
  return out;
}

hash_key random_key() {
  std::random_device device;
  const auto number = [&device] { return static_cast<std::uint64_t>(device()) << 32 | device(); };
  return {number(), number()};
}

class rationed_sink final : public log_sink {
 public:
  rationed_sink(std::shared_ptr<log_sink> to, log_ration::limits l)
      : to_(std::move(to)), ration_(l, random_key()), teller_([this](const std::stop_token& stop) { tell_until(stop); }) {}

  bool admits(const log_cause& c) override {
    const std::scoped_lock lock(mutex_);
    return ration_.admits(c, std::chrono::steady_clock::now());
  }

  void write(log_level level, std::string_view component, std::string_view message) override { to_->write(level, component, message); }

 private:
  void tell(time_point now) {
    std::vector<log_ration::count> counts;
    {
      const std::scoped_lock lock(mutex_);
      counts = ration_.due(now);
    }
    for (const auto& c : counts) to_->write(c.level, c.component, c.text);
  }

  void tell_until(const std::stop_token& stop) {
    while (!stop.stop_requested()) {  // ends with the sink
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      lock.unlock();
      tell(std::chrono::steady_clock::now());
    }
    tell(time_point::max());
  }

  std::shared_ptr<log_sink> to_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  log_ration ration_;
  std::jthread teller_;  // last: it is joined before the others end
};

}  // namespace

bool log_ration::admits(const log_cause& c, time_point now) {
  if (c.level == log_level::debug) return true;
  auto& cause = of(causes_, c, {}, now);
  if (c.about.empty()) {
    const bool room = cause.written < limits_.lines;
    room ? static_cast<void>(++cause.written) : static_cast<void>(++cause.more);
    return room;
  }
  auto& person = of(persons_, c, c.about, now);
  if (person.written >= limits_.lines_about_one) {
    ++person.more;
    return false;
  }
  if (cause.written >= limits_.lines_about_all) {
    ++cause.more;
    return false;
  }
  ++cause.written;
  ++person.written;
  return true;
}

log_ration::state& log_ration::of(table& t, const log_cause& c, std::string_view about, time_point now) {
  std::string name(c.component);
  name.append(1, '\n').append(c.format).append(1, '\n').append(about);
  const auto key = keyed_hash(key_, std::string_view(name));
  if (auto* known = t.use(key)) return *known;
  return t.try_emplace(key, state{c.level, std::string(c.component), c.format, std::string(about), now, 0, 0}).first;
}

std::vector<log_ration::count> log_ration::due(time_point now) {
  std::vector<count> out;
  collect(causes_, now, out);
  collect(persons_, now, out);
  return out;
}

// What went on goes on: in its next period one line is an example, and the others are counted. What was quiet begins anew.
void log_ration::collect(table& t, time_point now, std::vector<count>& out) const {
  const bool last = now == time_point::max();
  t.erase_if([&](auto& entry) {
    state& s = entry.second;
    if (!last && now - s.began < limits_.period) return false;
    if (s.more == 0) return true;
    out.push_back({s.level, s.component, text_of(s, now)});
    const auto most = !s.about.empty() ? limits_.lines_about_one : limits_.lines;
    s.written = std::min(s.written, most) - (s.written > 0 ? 1 : 0);
    s.more = 0;
    s.began = now;
    return last;
  });
}

std::string log_ration::text_of(const state& s, time_point now) const {
  auto text = filled(s.format, s.about) + " (" + std::to_string(s.more) + " more times";
  if (now != time_point::max())
    text += " in " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - s.began).count()) + " s";
  return text + ")";
}

std::shared_ptr<log_sink> rationed(std::shared_ptr<log_sink> to, log_ration::limits l) {
  return std::make_shared<rationed_sink>(std::move(to), l);
}

}  // namespace phyllo::core
