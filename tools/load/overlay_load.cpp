#include "overlay_load.hpp"

#include <fmt/format.h>

#include "command/admin_client.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

// How often an ended run looks whether the cancelled operations have gone.
constexpr auto ending_within = std::chrono::seconds(2);

std::string failure_of(const core::result<command::admin_answer>& a, bool reads) {
  if (!a) return a.error().message();
  if (a->status == 200) {
    const auto values = a->body.find("values");
    const bool empty = reads && values != a->body.end() && values->is_array() && values->empty();
    return empty ? "nothing was found" : "";
  }
  const auto error = a->body.find("error");
  return error != a->body.end() && error->is_string() ? error->get<std::string>() : std::to_string(a->status);
}

}  // namespace

overlay_load::overlay_load(settings s)
    : settings_(std::move(s)),
      env_(core::make_system_environment(io_.get_executor())),
      tasks_(std::make_unique<core::task_scope>(*env_)),
      dice_(settings_.seed),
      written_(settings_.what.names),
      tally_({"read", "write"}) {}

overlay_load::~overlay_load() {
  io_.stop();
  io_.restart();
}

void overlay_load::begin(core::time_point intended, core::time_point now) {
  if (intended >= settings_.counted_from) {
    ++tally_.started;
    tally_.behind.record(now - intended);
  }
  const auto name = dice_() % written_.size();
  const bool reads = written_[name] && std::uniform_real_distribution<double>()(dice_) < settings_.what.reads;
  if (tasks_->running() >= settings_.operations_max) return count(intended, now, reads, "too many under way");
  tasks_->spawn(operate(intended, now, reads, name));
}

core::awaitable<void> overlay_load::operate(core::time_point intended, core::time_point begun, bool reads, std::size_t name) {
  nlohmann::json body;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings_.give_up).count();
  body["name"] = fmt::format("data:load{}@{}", name, settings_.domain);
  body["timeout_s"] = std::max<std::int64_t>(1, seconds);
  if (!reads) {
    body["value"] = std::string(settings_.what.value_bytes, 'x');
    body["lifetime_s"] = 3600;
  }
  const auto deadline = begun + settings_.give_up + command::answer_grace;
  const std::string target = reads ? "/overlay/get" : "/overlay/update";
  const auto answer = co_await command::ask_admin(*env_, settings_.socket, target, std::move(body), deadline);
  const auto failure = failure_of(answer, reads);
  if (!reads && failure.empty()) written_[name] = true;
  count(intended, begun, reads, failure);
}

void overlay_load::count(core::time_point intended, core::time_point begun, bool reads, std::string_view failure) {
  if (intended < settings_.counted_from) return;
  if (!failure.empty()) return tally_.fail(failure);
  const auto now = clock_now();
  ++tally_.succeeded;
  tally_.whole.record(now - intended);
  tally_.parts[reads ? 0 : 1].values.record(now - begun);
}

void overlay_load::wait(core::time_point until) {
  if (io_.stopped()) io_.restart();
  if (io_.run_one_until(until) > 0) io_.poll();
}

void overlay_load::abandon(core::time_point now) {
  for (auto left = tasks_->running(); left > 0; --left) tally_.fail("not answered when the run ended");
  tasks_->cancel();
  while (tasks_->running() > 0 && clock_now() < now + ending_within) wait(clock_now() + std::chrono::milliseconds(10));
}

}  // namespace phyllo::load
