#include <fmt/format.h>
#include <sys/prctl.h>

#include <csignal>

#include "memory_keeper.hpp"
#include "phyllo/command/command.hpp"
#include "phyllo/core/log_ration.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/core/signals.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/disk/descriptor.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/node/start_check.hpp"
#include "phyllo/node/supernode.hpp"
#include "phyllo/node/version.hpp"
#include "report.hpp"

namespace phyllo::command {
namespace {

core::log_level level_of(const std::string& name) {
  if (name == "debug") return core::log_level::debug;
  if (name == "warning") return core::log_level::warning;
  if (name == "error") return core::log_level::error;
  return core::log_level::info;
}

// Nobody else's program that runs as the same user reads the keys out of our memory, by ptrace(2), /proc or a core dump: prctl(2).
core::status close_memory(const node::configuration& c) {
  if (c.debug.core_dumps || ::prctl(PR_SET_DUMPABLE, 0) == 0) return {};
  return disk::io_error("PR_SET_DUMPABLE", "the node's memory can not be closed to debuggers; debug.core_dumps = true leaves it open");
}

// What keeps a node from starting is the configuration's or the machine's: exit 2 but for what has a code of its own.
exit_code exit_of_start(const core::error& e) {
  const auto code = node::exit_code_of(e);
  return code == exit_code::refused ? exit_code::usage : code;
}

core::awaitable<void> serve(core::environment& env, core::signal_watch& signals, source from, node::configuration c,
                            std::shared_ptr<core::log_sink> sink, core::logger log, exit_code& result) {
  auto node = co_await node::supernode::open(env, std::move(c), log);
  if (!node) {
    report(node.error(), false);
    result = exit_of_start(node.error());
    co_return;
  }
  core::task_scope beside(env);
  beside.spawn(keep_memory_small(env));
  (*node)->reread_by([from] { return node::read_configuration(from.file, from.set); });
  (*node)->reopen_by([sink] { return sink->reopen(); });
  (*node)->end_by([&result](const core::error& why) {
    report(why, false);
    result = node::exit_code_of(why);
    std::raise(SIGTERM);
  });
  while (co_await signals.wait() == SIGHUP) (void)(*node)->reread();  // ends with SIGTERM or SIGINT; the node logs what came of it
  beside.cancel();
  co_await beside.join();
  co_await (*node)->drain();
  co_await (*node)->stop();
}

}  // namespace

exit_code run(const source& s) {
  auto c = node::read_configuration(s.file, s.set);
  if (!c) return report(c.error(), false);
  if (auto closed = close_memory(*c); !closed) return report(closed.error(), false);
  core::shard shard("node");
  core::signal_watch signals(shard.env(), {SIGTERM, SIGINT, SIGHUP});  // from the first: who is stopped while he starts stops in good order
  const auto found = node::check_start(shard.env(), *c);
  if (!found.errors.empty()) {
    const auto all = fmt::format("{}: {}", s.file, fmt::join(found.errors, fmt::format("\n{}: ", s.file)));
    return report(core::error(node::errc::configuration, all), false);
  }
  if (auto made = disk::make_private_directory(c->node.data_directory); !made) return report(made.error(), false);
  auto sink = core::make_log_sink(c->log.file.empty() ? std::string() : c->in_data_directory(c->log.file));
  if (!sink) return report(core::error(node::errc::configuration, fmt::format("{}: log.file: {}", s.file, sink.error().message())), false);
  const core::logger log(core::rationed(*sink), "node", level_of(c->log.level));
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of its write, not the end of the process
  for (std::size_t i = 0; i < c->overlays(); ++i)
    log.info("supernode {} of overlay {} at {}", node::version, c->of_overlay(i).overlay.name, c->node.address);
  for (const auto& line : found.failing) log.error("{}", line);
  for (const auto& line : found.warnings) log.warning("{}", line);
  auto result = exit_code::ok;
  shard.run(serve(shard.env(), signals, s, std::move(*c), *sink, log, result));
  return result;
}

}  // namespace phyllo::command
