#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "admin_client.hpp"
#include "batch.hpp"
#include "command_trace.hpp"
#include "command_watch.hpp"
#include "json_member.hpp"
#include "phyllo/command/command.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/node/json_text.hpp"
#include "report.hpp"
#include "terminal.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

constexpr unsigned window = 32;  // operations of a batch in flight

bool writes(const overlay_request& r) { return r.verb == "add" || r.verb == "update"; }

json body_of(const overlay_request& r, const std::string& name, const std::string& value) {
  json body{{"name", name}, {"timeout_s", r.timeout.count()}};
  if (!r.overlay.empty()) body["overlay"] = r.overlay;
  if (writes(r)) {
    body["value"] = value;
    body["lifetime_s"] = r.lifetime.count();
  }
  return body;
}

exit_code exit_of(const core::result<admin_answer>& a) {
  if (!a) return node::exit_code_of(a.error());
  return a->status == 200 ? exit_code::ok : node::exit_code_of_token(text_at(a->body, "error"));
}

// Each with who has stored it: several users, and several nodes of one, may have a value under one name.
void print_values(const json& outcome, const std::string& before) {
  for (const auto& v : list_at(outcome, "values"))
    std::cout << before << text_at(v, "value") << '\t' << text_at(v, "signer") << '\t' << text_at(v, "node_id") << '\n';
}

// One operation's end as a program, or a person, reads it.
void print(const overlay_request& r, const std::string& name, const core::result<admin_answer>& a) {
  if (!a && r.json)
    std::cout << node::printed({{"name", name}, {"error", node::error_token(a.error())}, {"message", a.error().message()}}) << '\n';
  if (!a && !r.json) std::cerr << fmt::format("supernode: {}: {}\n", name, a.error().message());
  if (!a) return;
  if (r.json) {
    auto line = a->body;
    line["name"] = a->status == 200 ? text_at(line, "name", name) : name;
    std::cout << node::printed(line) << '\n';
  } else if (a->status != 200) {
    std::cerr << fmt::format("supernode: {}: {}\n", name, text_at(a->body, "message", "refused"));
  } else if (r.verb == "get") {
    print_values(a->body, r.batch.empty() ? std::string() : name + "\t");
  }
}

core::awaitable<core::result<admin_answer>> ask(core::environment& env, const overlay_request& r, std::string socket, std::string name,
                                                std::string value) {
  auto body = body_of(r, name, value);
  const auto deadline = env.now() + r.timeout + answer_grace;
  co_return co_await ask_admin(env, socket, "/overlay/" + r.verb, std::move(body), deadline);
}

core::awaitable<void> run_one(core::environment& env, const overlay_request& r, std::string socket, exit_code& result) {
  const auto answer = co_await ask(env, r, socket, r.name, r.value);
  print(r, r.name, answer);
  result = exit_of(answer);
}

struct batch_state {
  batch_reader& lines;
  std::size_t done = 0, ok = 0, not_found = 0;
  exit_code worst = exit_code::ok;
  bool node_gone = false;
  progress bar{"operations"};

  void count(exit_code e) {
    ++done;
    if (e == exit_code::ok) ++ok;
    if (e == exit_code::not_found) ++not_found;
    if (e == exit_code::no_running_node) node_gone = true;
    worst = std::max(worst, e);
    bar.show(done, 0);
  }
};

// One of the window's workers: takes line after line until there is none, or no node.
core::awaitable<void> work(core::environment& env, const overlay_request& r, std::string socket, batch_state& s) {
  while (!s.node_gone) {
    auto line = s.lines.next();
    if (!line) {
      s.bar.clear();
      std::cerr << fmt::format("supernode: {}: {}\n", r.batch == "-" ? "standard input" : r.batch, line.error().message());
      s.count(exit_code::usage);
      continue;
    }
    if (!*line) co_return;
    const auto name = (*line)->name;
    const auto answer = co_await ask(env, r, socket, name, (*line)->value);
    s.bar.clear();
    print(r, name, answer);
    s.count(exit_of(answer));
  }
}

core::awaitable<void> run_batch(core::environment& env, const overlay_request& r, std::string socket, batch_state& s) {
  core::task_scope workers(env);
  for (unsigned i = 0; i < window; ++i) workers.spawn(work(env, r, socket, s));
  co_await workers.join();
}

exit_code batch(const overlay_request& r, std::string socket) {
  std::ifstream file;
  if (r.batch != "-") {
    file.open(r.batch);
    if (!file) return report(core::error(node::errc::usage, fmt::format("{}: cannot be read", r.batch)), r.json);
  }
  batch_reader lines(r.batch == "-" ? std::cin : file, writes(r));
  const auto started = std::chrono::steady_clock::now();
  batch_state state{lines};
  core::shard shard("batch");
  shard.run(run_batch(shard.env(), r, socket, state));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  state.bar.clear();
  std::cerr << fmt::format("{}: {} ok, {} not found, {} failed, {:.1f} s\n", r.verb, state.ok, state.not_found,
                           state.done - state.ok - state.not_found, took.count());
  return state.worst;
}

}  // namespace

exit_code overlay_command(const overlay_request& r) {
  const auto c = node::read_configuration(r.from.file, r.from.set);
  if (!c) return report(c.error(), r.json);
  const auto socket = c->admin_socket();
  if (r.verb == "watch") return watch_command(r, socket);
  if (r.verb == "trace") return trace_command(r, socket);
  if (!r.batch.empty()) return batch(r, socket);
  auto result = exit_code::ok;
  core::shard shard("command");
  shard.run(run_one(shard.env(), r, socket, result));
  return result;
}

}  // namespace phyllo::command
