#include "admin.hpp"

#include "phyllo/core/task_scope.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t connections_max = 128;  // the command line's window is 32; scrapers are few

class listener final : public admin_listener {
 public:
  listener(core::environment& env, std::unique_ptr<transport::tcp_listener> sockets, admin_sources sources, core::metrics& m,
           core::logger log)
      : env_(env), sockets_(std::move(sockets)), sources_(std::move(sources)), metrics_(m), log_(std::move(log)), tasks_(env) {
    handler_ = [this](transport::http_request r) { return answer_admin(sources_, std::move(r)); };
    tasks_.spawn(accept());
  }

  [[nodiscard]] transport::endpoint local() const override { return sockets_->local(); }

  core::awaitable<void> stop() override {
    sockets_->close();
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  core::awaitable<void> accept() {
    while (true) {  // ends when the listener is closed, or by cancellation
      auto stream = co_await sockets_->accept();
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
  std::unique_ptr<transport::tcp_listener> sockets_;
  admin_sources sources_;
  core::metrics& metrics_;
  core::logger log_;
  transport::http_handler handler_;
  core::task_scope tasks_;
};

}  // namespace

std::unique_ptr<admin_listener> admin_listener::create(core::environment& env, std::unique_ptr<transport::tcp_listener> sockets,
                                                       admin_sources sources, core::metrics& m, core::logger log) {
  return std::make_unique<listener>(env, std::move(sockets), std::move(sources), m, std::move(log));
}

}  // namespace phyllo::node
