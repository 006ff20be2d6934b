#include "admin.hpp"

#include "phyllo/core/task_scope.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t connections_max = 128;  // of a door: the command line's window is 32; scrapers are few

// One door, and who stands in it.
class doorway {
 public:
  doorway(core::environment& env, admin_door door, const admin_sources& sources, core::metrics& m, core::logger log)
      : env_(env), door_(std::move(door)), sources_(sources), metrics_(m), log_(std::move(log)), tasks_(env) {
    handler_ = [this](transport::http_request r) { return answer(std::move(r)); };
    tasks_.spawn(accept());
  }

  core::awaitable<void> stop() {
    door_.sockets->close();
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  core::awaitable<transport::http_response> answer(transport::http_request r) {
    if (const auto refused = door_.gate.refuse(r)) {
      metrics_.drop("admin_refused");
      co_return refuse_admin(*refused);
    }
    co_return co_await answer_admin(sources_, std::move(r));
  }

  core::awaitable<void> accept() {
    while (true) {  // ends when the listener is closed, or by cancellation
      auto stream = co_await door_.sockets->accept();
      if (!stream && stream.error() == transport::errc::closed) co_return;
      if (!stream) {  // out of descriptors, say: let others finish first
        log_.warning("admin: accept: {}", stream.error().message());
        co_await core::sleep_for(env_, std::chrono::milliseconds(100));
      } else if (tasks_.running() > connections_max) {
        metrics_.drop("admin_connections");
      } else {
        tasks_.spawn(transport::serve_http(env_, std::move(*stream), handler_, transport::http_limits()));
      }
    }
  }

  core::environment& env_;
  admin_door door_;
  const admin_sources& sources_;
  core::metrics& metrics_;
  core::logger log_;
  transport::http_handler handler_;
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
