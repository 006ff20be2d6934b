#include "port/readiness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <asio/detail/reactor.hpp>
#include <asio/detail/reactor_op.hpp>
#include <asio/execution_context.hpp>
#include <utility>

namespace phyllo::transport {

namespace detail = asio::detail;

// One operation, which is used again and again. While it is under way it keeps itself.
struct readiness::state final : detail::reactor_op {
  state(const core::executor& ex, int descriptor, std::function<void()> r)
      : reactor_op(asio::error_code(), &perform, &complete),
        reactor(asio::use_service<detail::reactor>(asio::query(ex, asio::execution::context_as_t<asio::execution_context&>()))),
        duplicate(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)),
        ready(std::move(r)) {
    reactor.init_task();
    if (duplicate >= 0) reactor.register_descriptor(duplicate, registration);
  }

  void wait(const std::shared_ptr<state>& self) {
    if (registration == nullptr) return;
    under_way = self;
    beginning = true;
    reactor.start_op(detail::reactor::read_op, duplicate, registration, this, false, true);
    beginning = false;
  }

  void close() {
    closed = true;
    if (registration != nullptr) reactor.deregister_descriptor(duplicate, registration, false);
    if (duplicate >= 0) ::close(std::exchange(duplicate, -1));
    reactor.cleanup_descriptor_data(registration);
  }

  // At the beginning of a wait all is read: what has come since is an edge that is yet to be told of.
  static status perform(detail::reactor_op* base) { return static_cast<state*>(base)->beginning ? not_done : done; }

  static void complete(void* owner, detail::operation* base, const asio::error_code&, std::size_t) {
    auto* op = static_cast<state*>(base);
    const auto kept = std::exchange(op->under_way, nullptr);
    const bool ends = owner == nullptr;  // the io_context
    if (!ends && !op->closed) op->ready();
  }

  detail::reactor& reactor;
  detail::reactor::per_descriptor_data registration = nullptr;
  int duplicate;
  std::function<void()> ready;
  std::shared_ptr<state> under_way;
  bool beginning = false;
  bool closed = false;
};

readiness::readiness(const core::executor& ex, int descriptor, std::function<void()> ready)
    : state_(std::make_shared<state>(ex, descriptor, std::move(ready))) {}
readiness::~readiness() { state_->close(); }
void readiness::wait() { state_->wait(state_); }

}  // namespace phyllo::transport
