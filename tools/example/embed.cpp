// How a program of your own takes part in overlays: it opens a node for each, waits until they are ready, and uses the API.
// Each configuration is one of `supernode run`; role = "ordinary" is what most programs want. The whole of it is in main's order:
// nodes, their overlays behind one API, then add, watch, update, get and remove.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "phyllo/core/shard.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/node/supernode.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/overlay/overlays.hpp"

namespace {

using namespace phyllo;
using namespace std::chrono_literals;

struct arguments {
  std::vector<std::string> configurations;
  std::string overlay_id;
  std::string name;
  std::string value;
};

struct nodes {
  std::vector<std::unique_ptr<node::supernode>> open;
  overlay::overlays api;  // of all that are ready
};

// Opens the node of one configuration and waits until it has joined its overlay.
core::awaitable<core::status> open_node(core::environment& env, std::string file, nodes& all) {
  auto configuration = node::read_configuration(file);
  if (!configuration) co_return core::fail(configuration.error());
  const auto overlay_id = configuration->overlay.name;
  auto opened = co_await node::supernode::open(env, std::move(*configuration), core::logger());
  if (!opened) co_return core::fail(opened.error());
  all.open.push_back(std::move(*opened));
  auto& n = *all.open.back();
  const auto deadline = env.now() + 60s;
  while (!n.ready() && env.now() < deadline) co_await core::sleep_for(env, 50ms);  // ends ready, or in time
  if (!n.ready()) co_return core::fail(overlay::errc::not_joined, overlay_id);
  all.api.add(overlay_id, *n.api());
  co_return core::status{};
}

void tell(const char* what, const core::result<overlay::outcome>& done) {
  if (!done) return fmt::print("{}: {}\n", what, done.error().message());
  fmt::print("{}: {} hops, {} ms\n", what, done->hops, std::chrono::duration_cast<std::chrono::milliseconds>(done->took).count());
  for (const auto& v : done->values) fmt::print("  {} (by {})\n", v.content.value, v.signer);
}

// Says what it is told of a name until nothing has changed for two seconds.
core::awaitable<void> follow(overlay::overlay& api, std::string overlay_id, overlay::name name) {
  overlay::watch_options o;
  while (true) {  // ends when nothing changes any more, or with an error
    const auto state = co_await api.watch(overlay_id, name, o);
    if (!state) co_return;
    tell("watch", state);
    o.seen = state->state;
    o.timeout = 2s;
  }
}

core::awaitable<core::status> use(overlay::overlay& api, arguments a) {
  const auto name = overlay::name::parse(a.name);
  if (!name) co_return core::fail(name.error());
  overlay::record record;
  record.value = a.value;
  const overlay::write_options write;
  const overlay::read_options read;
  const auto added = co_await api.add(a.overlay_id, *name, record, 600s, write);
  tell("add", added);
  if (!added) co_return core::fail(added.error());
  record.value += ", again";
  const auto updated = co_await api.update(a.overlay_id, *name, record, 600s, write);
  tell("update", updated);
  const auto got = co_await api.get(a.overlay_id, *name, read);
  tell("get", got);
  if (!got) co_return core::fail(got.error());
  const auto removed = co_await api.remove(a.overlay_id, *name, write);
  tell("remove", removed);
  if (!removed) co_return core::fail(removed.error());
  co_return core::status{};
}

core::awaitable<core::status> open_and_use(core::environment& env, const arguments& a, nodes& all) {
  for (const auto& file : a.configurations) {
    auto opened = co_await open_node(env, file, all);
    if (!opened) co_return opened;
  }
  const auto name = overlay::name::parse(a.name);
  if (!name) co_return core::fail(name.error());
  core::task_scope watching(env);
  watching.spawn(follow(all.api, a.overlay_id, *name));
  co_await core::sleep_for(env, 200ms);
  auto done = co_await use(all.api, a);
  co_await watching.join();
  co_return done;
}

core::awaitable<void> run(core::environment& env, const arguments& a, int& exit_code) {
  nodes all;
  const auto done = co_await open_and_use(env, a, all);
  if (!done) fmt::print(stderr, "error: {}\n", done.error().message());
  exit_code = done ? 0 : 1;
  for (auto& n : all.open) {
    co_await n->drain();
    co_await n->stop();
  }
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  CLI::App app{"Takes part in one or more overlays, and adds, watches, updates, gets and removes a record", "phyllo-example"};
  app.footer(
      "Example:\n  phyllo-example note:node7@example.com 'hello' --config /tmp/ring/node7/supernode.toml\n\nExit codes: 0 ok, 1 not done, "
      "2 usage.");
  app.add_option("NAME", a.name, "[type:]user@domain, of the node's own user")->required();
  app.add_option("VALUE", a.value, "Text to store")->required();
  app.add_option("--config", a.configurations, "Configuration of a node, one for each overlay; may be repeated")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--overlay", a.overlay_id, "The overlay to use, by its name; needed if there are several")->type_name("ID");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  int exit_code = 1;
  core::shard shard("example");
  shard.run(run(shard.env(), a, exit_code));
  return exit_code;
}
