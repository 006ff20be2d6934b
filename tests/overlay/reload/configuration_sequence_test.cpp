#include "reload/configuration_sequence.hpp"

#include <doctest.h>

namespace configuration_sequence_test {

using namespace phyllo::overlay;

TEST_CASE("sequences of configurations are compared modulo 65536, and 65535 goes with all") {
  CHECK(compare_sequences(7, 7) == configuration_age::same);
  CHECK(compare_sequences(6, 7) == configuration_age::older);
  CHECK(compare_sequences(8, 7) == configuration_age::newer);
  CHECK(compare_sequences(65534, 2) == configuration_age::older);
  CHECK(compare_sequences(2, 65534) == configuration_age::newer);
  CHECK(compare_sequences(any_sequence, 7) == configuration_age::same);
}

}  // namespace configuration_sequence_test
