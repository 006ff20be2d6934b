// The timing wheel against a plain list.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "timer_wheel_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  phyllo::testing::timer_wheel_model model;
  if (!model.run({data, size})) std::abort();
  return 0;
}
