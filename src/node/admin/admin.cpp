#include "admin/admin.hpp"

#include "admin/door_places.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t ending_max = 128;  // connections of a door that were thrown out and have not ended yet

// One door, and who stands in it.
class doorway {
 public:
  doorway(core::environment& env, admin_door door, const admin_sources& sources, core::metrics& m, core::logger log)
      : env_(env),
        door_(std::move(door)),
        sources_(sources),
        metrics_(m),
        log_(std::move(log)),
        places_(most_, m.evictions("admin_connections")),
        tasks_(env) {
    tasks_.spawn(accept());
  }

  core::awaitable<void> stop() {
    door_.sockets->close();
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  core::awaitable<transport::http_response> answer(door_places::place& of, transport::http_request r) {
    if (const auto refused = door_.gate.refuse(r)) {
      metrics_.drop("admin_refused");
      co_return refuse_admin(*refused);
    }
    if (!of.begin_answer()) co_return refuse_admin({503, "too many commands are being answered; try again in a second"});
    auto out = co_await answer_admin(sources_, std::move(r));
    of.end_answer();
    co_return out;
  }

  core::awaitable<void> serve(std::unique_ptr<transport::stream> s) {
    door_places::place place(places_, *s);  // goes after the stream
    const transport::http_handler handler = [this, &place](transport::http_request r) { return answer(place, std::move(r)); };
    co_await transport::serve_http(env_, std::move(s), handler, transport::http_limits());
  }

  core::awaitable<void> accept() {
    while (true) {  // ends when the listener is closed, or by cancellation
      auto stream = co_await door_.sockets->accept();
      if (!stream && stream.error() == transport::errc::closed) co_return;
      if (!stream) {  // out of descriptors, say: let others finish first
        log_.warning("admin: accept: {}", stream.error().message());
        co_await core::sleep_for(env_, std::chrono::milliseconds(100));
      } else if (tasks_.running() > most_.all + ending_max) {
        metrics_.drop("admin_connections");
      } else {
        places_.make_room();
        tasks_.spawn(serve(std::move(*stream)));
      }
    }
  }

  core::environment& env_;
  admin_door door_;
  const admin_sources& sources_;
  core::metrics& metrics_;
  core::logger log_;
  const door_places::bounds most_;
  door_places places_;
  core::task_scope tasks_;
};

class listener final : public admin_listener {
 public:
  listener(core::environment& env, std::vector<admin_door> doors, admin_sources sources, core::metrics& m, const core::logger& log)
      : sources_(std::move(sources)) {
    for (auto& door : doors) doorways_.push_back(std::make_unique<doorway>(env, std::move(door), sources_, m, log));
  }

  core::awaitable<void> stop() override {
    for (auto& d : doorways_) co_await d->stop();
  }

 private:
  admin_sources sources_;
  std::vector<std::unique_ptr<doorway>> doorways_;
};

}  // namespace

std::unique_ptr<admin_listener> admin_listener::create(core::environment& env, std::vector<admin_door> doors, admin_sources sources,
                                                       core::metrics& m, core::logger log) {
  return std::make_unique<listener>(env, std::move(doors), std::move(sources), m, log);
}

}  // namespace phyllo::node
