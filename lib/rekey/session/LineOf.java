package rekey.session;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Says of which lines of the journal a record is the [Detail]: of those of an event; with `step` only of that
/// step's; with `by` only of those that have that key.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface LineOf {
    Entry.Event value();

    String step() default "";

    String by() default "";
}
