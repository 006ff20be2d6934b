#include "load_end.hpp"

#include <fmt/format.h>

#include "call_machine.hpp"
#include "connection_load.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/core/read_file.hpp"
#include "request_machine.hpp"
#include "stun_machine.hpp"
#include "user_list.hpp"

namespace phyllo::load {
namespace {

constexpr double registrations_per_second = 1000;
constexpr std::size_t overlay_open_max = 500;  // each is a connection to the node
constexpr std::size_t users_bytes_max = 1 << 30;

template <class T>
std::vector<T> share(const std::vector<T>& all, unsigned thread, unsigned threads) {
  std::vector<T> out;
  for (std::size_t i = thread; i < all.size(); i += threads) out.push_back(all[i]);
  if (out.empty() && !all.empty()) out.push_back(all[thread % all.size()]);
  return out;
}

core::result<std::vector<user>> read_users(const std::string& file, std::string_view pattern, std::string_view password,
                                           std::size_t count) {
  if (file.empty()) return users_of_pattern(pattern, password, count);
  const auto text = core::read_file(file, users_bytes_max);
  if (!text) return core::fail(text.error());
  if (!*text) return core::fail(core::errc::io, fmt::format("{}: there is no such file", file));
  return users_of_csv(**text);
}

}  // namespace

core::result<participants> read_participants(const options& o) {
  const auto& s = o.sip;
  auto users = read_users(s.users_file, s.user_pattern, s.password_pattern, s.users);
  if (!users) return core::fail(users.error());
  auto callees = read_users(s.callees_file, s.callee_pattern, s.callee_password, s.callees);
  if (!callees) return core::fail(callees.error());
  return participants{std::move(*users), std::move(*callees)};
}

core::result<std::unique_ptr<load_end>> load_end::open(const options& o, const participants& all, unsigned thread) {
  std::unique_ptr<load_end> out(new load_end(o, thread));
  out->own_ = {share(all.users, thread, o.load.threads), share(all.callees, thread, o.load.threads)};
  if (o.command == "overlay") return out;
  auto net = network::open(o);
  if (!net) return core::fail(net.error());
  out->network_ = std::move(*net);
  if (auto done = out->open_ways(); !done) return core::fail(done.error());
  return out;
}

core::status load_end::open_ways() {
  auto sources = network_->sources(options_.network.sources);
  if (!sources) return core::fail(sources.error());
  client_ways_ = static_cast<unsigned>(sources->size());
  sources_ = *sources;
  if (options_.command == "connections") return {};
  const auto& given = options_.sip.callee_sources.empty() ? options_.network.sources : options_.sip.callee_sources;
  const auto callees = has_callees() ? network_->sources(given) : core::result<std::vector<address>>();
  if (!callees) return core::fail(callees.error());
  sources->insert(sources->end(), callees->begin(), callees->end());
  auto opened = network_->open_ways(*sources);
  if (!opened) return core::fail(opened.error());
  ways_ = std::move(*opened);
  return {};
}

sip_client_settings load_end::sip_settings(core::time_point counted_from) const {
  sip_client_settings s;
  s.domain = options_.sip.domain;
  s.via = via_name(options_.network.transport);
  s.contact_parameters = contact_parameters(options_.network.transport);
  s.run = fmt::format("-{:x}.{}.{}", options_.load.seed, thread_, runs_);
  s.locals = ways_->locals();
  s.ways = client_ways_;
  s.digest = options_.sip.digest;
  s.timing.give_up = options_.load.give_up;
  s.timing.reliable = is_stream(options_.network.transport);
  s.operations_max = options_.load.open_max;
  s.counted_from = counted_from;
  return s;
}

sip_client_settings load_end::callee_settings() const {
  auto s = sip_settings({});
  s.way_first = client_ways_;
  s.ways = static_cast<unsigned>(s.locals.size()) - client_ways_;
  return s;
}

std::vector<std::string> load_end::callee_names() const {
  std::vector<std::string> out;
  for (const auto& c : own_.callees) out.push_back(c.name);
  return out;
}

core::status load_end::prepare(const std::atomic<bool>& stop) {
  if (!has_callees() || options_.sip.callee_by_contact) return {};
  ++runs_;
  const auto now = clock_now();
  auto s = callee_settings();
  s.timing.give_up = std::chrono::seconds(5);
  request_machine m({.method = "REGISTER", .to = {}, .expires = options_.sip.expires, .body_bytes = 0}, s, own_.callees, *ways_, now);
  board b(1);
  load::run(m, *ways_,
            {.when = {.rate = registrations_per_second, .begin = now, .most = own_.callees.size()},
             .drain = std::chrono::seconds(6),
             .warm_up = {}},
            b, stop);
  b.close();
  const auto& t = b.total();
  if (t.failed == 0) return {};
  return core::fail(
      core::errc::invalid,
      fmt::format(
          "{} of {} callees could not register at {}: {}; are --domain, --callee and --callee-password those of the server's accounts?",
          t.failed, own_.callees.size(), options_.network.target, t.failures.front().reason));
}

double load_end::run(const run_plan& p, board& b, const std::atomic<bool>& stop) {
  ++runs_;
  const auto counted_from = p.when.begin + p.warm_up;
  if (options_.command == "connections") {
    connection_load l(network_->streams(), sources_, options_.load.give_up, counted_from);
    return load::run(l, l, p, b, stop);
  }
  if (options_.command == "overlay") {
    overlay_load l(overlay_settings(counted_from));
    return load::run(l, l, p, b, stop);
  }
  const auto m = make_machine(counted_from);
  return load::run(*m, *ways_, p, b, stop);
}

overlay_load::settings load_end::overlay_settings(core::time_point counted_from) const {
  overlay_load::settings s;
  s.socket = options_.network.target;
  s.what = options_.overlay;
  s.domain = options_.sip.domain;
  s.give_up = options_.load.give_up;
  s.seed = options_.load.seed + thread_;
  s.operations_max = std::min<std::size_t>(options_.load.open_max, overlay_open_max);
  s.counted_from = counted_from;
  return s;
}

std::unique_ptr<machine> load_end::make_machine(core::time_point counted_from) {
  const auto now = clock_now();
  const auto s = sip_settings(counted_from);
  if (options_.command == "stun") {
    return std::make_unique<stun_machine>(
        stun_machine::settings{.ways = client_ways_, .timing = s.timing, .operations_max = s.operations_max, .counted_from = counted_from},
        *ways_, now);
  }
  if (options_.command == "sip-register") {
    return std::make_unique<request_machine>(
        request_machine::request{.method = "REGISTER", .to = {}, .expires = options_.sip.expires, .body_bytes = 0}, s, own_.users, *ways_,
        now);
  }
  callee_ = std::make_unique<callee_machine>(callee_machine::settings{s.run, s.contact_parameters, s.locals, s.operations_max, s.timing},
                                             *ways_, now);
  return make_call(s, now);
}

std::unique_ptr<machine> load_end::make_call(const sip_client_settings& s, core::time_point now) {
  std::unique_ptr<sip_client> out;
  if (options_.command == "sip-message") {
    out = std::make_unique<request_machine>(
        request_machine::request{.method = "MESSAGE", .to = callee_names(), .expires = 0, .body_bytes = options_.sip.body_bytes}, s,
        own_.users, *ways_, now);
  } else {
    call_machine::plan p{.callees = {}, .hold = options_.sip.hold};
    for (std::size_t i = 0; i < own_.callees.size(); ++i) {
      const auto& name = own_.callees[i].name;
      const auto& at = options_.sip.callee_by_contact ? s.locals[client_ways_ + i % (s.locals.size() - client_ways_)] : options_.sip.domain;
      p.callees.push_back({name, fmt::format("sip:{}@{}", name, at)});
    }
    out = std::make_unique<call_machine>(std::move(p), s, own_.users, *ways_, now);
  }
  out->let_answer(*callee_);
  return out;
}

}  // namespace phyllo::load
